// SPDX-License-Identifier: Apache-2.0
#include "protocol/access.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "link/topics.hpp"
#include "plugin/callbacks.hpp"
#include "plugin/outbox.hpp"
#include "plugin/standing.hpp"
#include "plugin/too_large.hpp"
#include "protocol/frame.hpp"
#include "protocol/listening.hpp"
#include "protocol/topic.hpp"

// Every publish, subscription and delivered copy comes through here.
namespace xgate::plugin {
namespace {

using protocol::Decision;
using protocol::refused;

constexpr std::string_view platform_prefix = "/sys/";
constexpr std::string_view broker_prefix = "$SYS/";

int answer(bool allow) noexcept { return allow ? MOSQ_ERR_SUCCESS : MOSQ_ERR_ACL_DENIED; }

std::string_view payload_of(const mosquitto_evt_acl_check& event) noexcept {
  return {static_cast<const char*>(event.payload), event.payloadlen};
}

Decision service_may_publish(std::string_view topic) noexcept {
  if (topic.starts_with(platform_prefix) || topic.starts_with(link::xgate_prefix) ||
      topic == link::control_topic) {
    return protocol::allowed;
  }
  return refused("TOPIC",
                 "a service account may publish to /sys/#, $xgate/# and "
                 "$CONTROL/xgate/v1 only");
}

Decision service_may_subscribe(std::string_view filter) noexcept {
  constexpr std::string_view share = "$share/";
  if (filter.starts_with(share)) {
    const auto group_end = filter.find('/', share.size());
    filter =
        group_end == std::string_view::npos ? std::string_view() : filter.substr(group_end + 1);
  }
  if (filter.starts_with(platform_prefix) || filter.starts_with(link::xgate_prefix) ||
      filter.starts_with(broker_prefix)) {
    return protocol::allowed;
  }
  return refused("TOPIC", "a service account may subscribe below /sys/, $xgate/ and $SYS/ only");
}

bool service_may_receive(std::string_view topic) noexcept {
  return topic.starts_with(platform_prefix) || topic.starts_with(link::xgate_prefix) ||
         topic.starts_with(broker_prefix);
}

void tell_refusal(Plugin& plugin, const Client* client, Session* session,
                  const protocol::Rights* rights, link::Refused::What what, std::string_view topic,
                  const Decision& decision) {
  link::Refused refusal;
  refusal.what = what;
  if (rights != nullptr) refusal.device = rights->identity();
  refusal.client_id = session != nullptr ? std::string_view(session->client_id) : id_of(client);
  refusal.client_id.resize(std::min(refusal.client_id.size(), longest_text));
  refusal.username = username_of(client).substr(0, longest_text);
  refusal.address = address_of(client);
  refusal.topic = topic.substr(0, longest_text);
  refusal.requirement = decision.requirement;
  refusal.reason = decision.reason;
  refusal.at_ms = plugin.clock.unix_ms();
  if (session != nullptr) {
    plugin.outbox.refuse(std::move(refusal), session->refusals);
  } else {
    plugin.outbox.refuse_login(std::move(refusal));  // by address, as for a login
  }
}

const protocol::Rights* rights_of(const Session& session) noexcept {
  return session.rights ? &*session.rights : nullptr;
}

// ---------------------------------------------------------------- publishing
int on_publish(Plugin& plugin, const mosquitto_evt_acl_check& event, Session& session) {
  const std::string_view topic = event.topic;
  const auto* rights = rights_of(session);
  const auto decision = rights != nullptr ? rights->may_publish(topic) : service_may_publish(topic);
  if (!decision) {
    tell_refusal(plugin, event.client, &session, rights, link::Refused::What::publish, topic,
                 decision);
    return MOSQ_ERR_ACL_DENIED;
  }
  // A publish goes on to MESSAGE at once; what does not is a will that the broker sends for a
  // client which it did not report as ended (when it shuts down).
  plugin.unstamped = rights != nullptr && is_stamped(topic);
  return MOSQ_ERR_SUCCESS;
}

/// A will obeys the rules of a publish (TOPIC-15), but the broker takes it past MESSAGE, where a
/// publish loses its retain flag and gets its stamp. So where it needs either, it is refused to the
/// broker and a copy of it sent in its place.
int on_will(Plugin& plugin, const mosquitto_evt_acl_check& event, Session* session) {
  const std::string_view topic = event.topic;
  std::optional<StoredClient> stored;
  if (session == nullptr) {
    stored = stored_client(plugin, event.client);
    if (!stored) return MOSQ_ERR_ACL_DENIED;
  }
  const protocol::Rights* rights = session != nullptr ? rights_of(*session)
                                   : stored->rights   ? &*stored->rights
                                                      : nullptr;
  const auto decision = rights != nullptr ? rights->may_publish(topic) : service_may_publish(topic);
  if (!decision) {
    tell_refusal(plugin, event.client, session, rights, link::Refused::What::will, topic, decision);
    return MOSQ_ERR_ACL_DENIED;
  }
  if (rights == nullptr || (!event.retain && !is_stamped(topic))) return MOSQ_ERR_SUCCESS;
  mosquitto_property* properties = nullptr;
  if (topic != protocol::auth_topic) {
    // Of a session that is over the number is not known any more: then there is no stamp.
    if (session != nullptr && is_stamped(topic) &&
        !stamp_session(&properties, session_name(plugin.outbox.epoch(), session->number).data())) {
      return MOSQ_ERR_ACL_DENIED;
    }
  } else {
    const bool is_auth = rights->role() == protocol::Role::auth;
    // Whoever sent a will is gone: the reply is for nobody.
    const auto name = session_name(plugin.outbox.epoch(), session != nullptr ? session->number : 0);
    const char* address = session != nullptr ? session->address.c_str() : "";
    if (!stamp(&properties, rights->identity(), {is_auth ? "auth" : "v2", name.data(), address})) {
      return MOSQ_ERR_ACL_DENIED;
    }
  }
  publish(topic, payload_of(event), event.qos, false, properties);
  return MOSQ_ERR_ACL_DENIED;
}

// ---------------------------------------------------------------- subscribing
/// What follows "T/" in a device's filter, where commands come through it; else empty.
std::string_view command_filter(const Session& session, std::string_view filter) {
  const auto root = protocol::topic_root(protocol::view(session.identity()));
  if (!filter.starts_with(root) || filter.size() <= root.size()) return {};
  const auto suffix = filter.substr(root.size() + 1);
  return protocol::hears_commands(suffix) ? suffix : std::string_view();
}

/// A subscription through which commands come is told to the service, which may have some waiting.
void tell_listening(Plugin& plugin, Session& session, std::string_view filter) {
  const auto suffix = command_filter(session, filter);
  if (suffix.empty() || session.heard.size() >= Session::max_heard ||
      std::ranges::find(session.heard, suffix) != session.heard.end()) {
    return;
  }
  session.heard.emplace_back(suffix);
  plugin.outbox.add(link::Listening{session.number, session.identity(), std::string(suffix)});
}

/// So is its end. Of one that is not told, the service learns by a command that goes unheard.
void on_unsubscribe(Plugin& plugin, Session& session, std::string_view filter) {
  if (session.kind != Session::Kind::device) return;
  const auto suffix = command_filter(session, filter);
  const auto told = std::ranges::find(session.heard, suffix);
  if (told == session.heard.end() || session.given_up >= Session::max_given_up) return;
  session.heard.erase(told);
  ++session.given_up;
  auto topics = protocol::command_topics_given_up(suffix, session.heard);
  if (topics.empty()) return;
  plugin.outbox.add(link::Listening{
      .session = session.number, .device = session.identity(), .given_up = std::move(topics)});
}

int on_subscribe(Plugin& plugin, const mosquitto_evt_acl_check& event, Session& session) {
  if (session.revoked) return MOSQ_ERR_ACL_DENIED;
  const std::string_view filter = event.topic;
  const auto* rights = rights_of(session);
  const auto decision =
      rights != nullptr ? rights->may_subscribe(filter) : service_may_subscribe(filter);
  if (!decision) {
    tell_refusal(plugin, event.client, &session, rights, link::Refused::What::subscribe, filter,
                 decision);
    return MOSQ_ERR_ACL_DENIED;
  }
  if (session.kind == Session::Kind::device) {
    if (!session.brought_along) {
      session.brought_along = mosquitto_client_sub_count(session.client) > 0;
    }
    tell_listening(plugin, session, filter);
  }
  return MOSQ_ERR_SUCCESS;
}

// ---------------------------------------------------------------- receiving
/// What a device publishes is never retained (TOPIC-15). A will that the broker stored on its way
/// down is found when it is read: nobody gets it, and it is removed.
bool is_left_retained(const mosquitto_evt_acl_check& event) {
  if (!event.retain) return false;
  const auto match = protocol::parse_topic(event.topic);
  if (!match || protocol::row_of(match->name).verb != protocol::DeviceVerb::publish) return false;
  if (event.payloadlen > 0) publish(event.topic, {}, 0, true);
  return true;
}

/// A command that the broker drops must not wait for an answer.
void look_for_dropped(Plugin& plugin, const mosquitto_evt_acl_check& event) {
  const std::string_view line = payload_of(event);
  const auto dropped = read_dropped(line);
  if (!dropped) return;
  // Each service is asked about; what one is asked about again is another message of that size.
  if (line == plugin.last_dropped && event.client != plugin.last_dropped_asked) return;
  const auto* session = plugin.sessions.of_device(Session::Kind::device, dropped->device);
  if (session == nullptr) return;
  plugin.last_dropped = line;
  plugin.last_dropped_asked = event.client;
  plugin.outbox.add(link::TooLarge{session->identity(), dropped->bytes, plugin.clock.unix_ms()});
}

bool service_receives(Plugin& plugin, const mosquitto_evt_acl_check& event) {
  const std::string_view topic = event.topic;
  if (topic == link::broker_notices) {
    look_for_dropped(plugin, event);
    return false;
  }
  if (!service_may_receive(topic)) return false;
  if (plugin.unstamped && is_stamped(topic)) return false;
  return !is_left_retained(event);
}

/// What is for one session is for no other, and comes once, however many of its filters match.
/// What the broker stored for an earlier one is worth nothing: the service sends again what is
/// still wanted.
bool is_for(Plugin& plugin, const Session& session, const mosquitto_evt_acl_check& event) {
  auto& delivery = plugin.delivery;
  if (delivery.payload != nullptr && event.payload == delivery.payload) {
    return session.number == delivery.session && !std::exchange(delivery.taken, true);
  }
  return session.client != plugin.resuming;
}

bool device_receives(const protocol::Rights& rights, const mosquitto_evt_acl_check& event) {
  if (!rights.may_receive(event.topic)) return false;
  return rights.role() != protocol::Role::auth || protocol::is_auth_reply(payload_of(event));
}

int on_receive(Plugin& plugin, const mosquitto_evt_acl_check& event, Session* session) {
  if (session != nullptr && session->rights) {
    if (!device_receives(*session->rights, event)) return MOSQ_ERR_ACL_DENIED;
    if (is_for(plugin, *session, event)) return MOSQ_ERR_SUCCESS;
    if (plugin.resuming == session->client) session->lost_places = true;
    return MOSQ_ERR_ACL_DENIED;
  }
  if (session != nullptr) return answer(service_receives(plugin, event));
  const auto stored = stored_client(plugin, event.client);
  return answer(stored && stored->service && service_receives(plugin, event));
}

}  // namespace

int on_access(Plugin& plugin, mosquitto_evt_acl_check& event) {
  Session* session = plugin.sessions.find(event.client);
  if (event.access == MOSQ_ACL_READ) return on_receive(plugin, event, session);
  end_delivery(plugin);
  if (event.access == MOSQ_ACL_WRITE) {
    plugin.unstamped = false;
    // Not live any more, or being taken over at this moment: what the broker sends is the will.
    if (session == nullptr || session->superseded) return on_will(plugin, event, session);
    return on_publish(plugin, event, *session);
  }
  plugin.resuming = nullptr;
  switch (event.access) {
    case MOSQ_ACL_SUBSCRIBE:
      return session != nullptr ? on_subscribe(plugin, event, *session) : MOSQ_ERR_ACL_DENIED;
    case MOSQ_ACL_UNSUBSCRIBE:
      if (session != nullptr) on_unsubscribe(plugin, *session, event.topic);
      return MOSQ_ERR_SUCCESS;
    default:
      return MOSQ_ERR_ACL_DENIED;
  }
}

}  // namespace xgate::plugin
