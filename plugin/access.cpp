// SPDX-License-Identifier: Apache-2.0
#include "protocol/access.hpp"

#include <algorithm>
#include <functional>
#include <optional>
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

/// Whether there is room for one more of it among what is told; else it is counted.
bool may_tell(Plugin& plugin, Session& session) {
  return plugin.outbox.has_room(session.refusals, plugin.clock.unix_ms());
}

link::Refused make_refusal(Plugin& plugin, const Client* client, const Session* session,
                           const protocol::Rights* rights, link::Refused::What what,
                           std::string_view topic, const Decision& decision) {
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
  return refusal;
}

void tell_refusal(Plugin& plugin, const Client* client, Session* session,
                  const protocol::Rights* rights, link::Refused::What what, std::string_view topic,
                  const Decision& decision) {
  if (session != nullptr && !may_tell(plugin, *session)) return;
  auto refusal = make_refusal(plugin, client, session, rights, what, topic, decision);
  if (session != nullptr) {
    plugin.outbox.tell(std::move(refusal));
  } else {
    plugin.outbox.refuse_login(std::move(refusal));  // by address, as for a login
  }
}

const protocol::Rights* rights_of(const Session& session) noexcept {
  return session.rights ? &*session.rights : nullptr;
}

// ---------------------------------------------------------------- publishing
std::int64_t percent_filled(const ServiceQueue& queue, const LimitRules& rules) noexcept {
  return static_cast<std::int64_t>(queue.filled(rules) * 100);
}

/// LIMIT-4, of a product, and LIMIT-7: so many of its devices' requests the service's queue takes.
std::optional<link::Exceeded> ask_as_product(Plugin& plugin, const protocol::Identity& who,
                                             std::size_t bytes, std::int64_t now_ms) {
  const auto& rules = plugin.options.limits;
  auto& product = plugin.limits.product(who.product_id);
  const auto most = rules.product_auth_requests_per_second;
  const auto each =
      static_cast<double>(most > 0 ? most : usual_limits.product_auth_requests_per_second);
  if (most > 0 && !product.auth_requests.take({each, each}, now_ms)) {
    return link::Exceeded{link::Limit::auth_requests, most, true};
  }
  const auto& queue = plugin.limits.queues.auth;
  const auto part = queue.part(product.auth, rules);
  // One a second always: by what comes the service tells what it has taken.
  const auto share = std::max(each * part, 1.0);
  if (part < 1 && !product.sparing.take({share, share}, now_ms)) {
    return link::Exceeded{link::Limit::queue, percent_filled(queue, rules)};
  }
  queue.charge(product.auth, rules, bytes);
  return std::nullopt;
}

std::optional<Allowance::Excess> ask_auth(Plugin& plugin, Session& session, std::size_t bytes,
                                          std::int64_t now_ms) {
  if (auto excess = session.allowance.ask_auth(plugin.options.limits, now_ms)) return excess;
  const auto exceeded = ask_as_product(plugin, session.identity(), bytes, now_ms);
  if (!exceeded) return std::nullopt;
  return Allowance::Excess{*exceeded, Allowance::Then::refuse};
}

/// LIMIT-7: whoever fills the service's queue is the first that it takes no more of.
std::optional<Allowance::Excess> fill_queue(Plugin& plugin, Session& session, std::size_t bytes,
                                            std::int64_t now_ms) {
  const auto& rules = plugin.options.limits;
  const auto& queue = plugin.limits.queues.uplinks;
  auto& share = plugin.limits.product(session.identity().product_id).uplinks;
  const auto part = queue.part(share, rules);
  if (part < 1 &&
      (part <= 0 || !session.allowance.publish_sparingly(session.rates, part, now_ms))) {
    return Allowance::Excess{{link::Limit::queue, percent_filled(queue, rules)},
                             Allowance::Then::refuse};
  }
  queue.charge(share, rules, bytes);
  return std::nullopt;
}

std::optional<Allowance::Excess> spend(Plugin& plugin, const mosquitto_evt_acl_check& event,
                                       Session& session) {
  const std::string_view topic = event.topic;
  const auto bytes = topic.size() + event.payloadlen;
  const auto now_ms = steady_ms(plugin);
  if (auto excess = session.allowance.publish(session.rates, bytes, now_ms)) return excess;
  return topic == protocol::auth_topic ? ask_auth(plugin, session, bytes, now_ms)
                                       : fill_queue(plugin, session, bytes, now_ms);
}

/// Counts it, ends the session that went on and on, and tells it, as far as refusals are told.
void refuse_excess(Plugin& plugin, const mosquitto_evt_acl_check& event, Session& session,
                   const Allowance::Excess& excess, link::Refused::What what) {
  plugin.limits.count(excess.exceeded.limit);
  const bool ends = excess.then == Allowance::Then::end;
  if (!ends && !may_tell(plugin, session)) return;
  auto reason = link::reason(excess.exceeded);
  if (ends) {
    session.exceeding = excess.exceeded.limit;
    plugin.exceeding.push_back(session.number);
    reason += "; it went on although it was refused, and its session was ended";
  }
  plugin.outbox.tell(make_refusal(plugin, event.client, &session, rights_of(session), what,
                                  event.topic,
                                  refused(link::requirement(excess.exceeded.limit), reason)));
}

/// LIMIT-6: the protocol knows no QoS 2, of which the broker keeps each message, unbounded by any
/// of its limits, until the device releases it; for days, where the session is stored. To a device
/// of MQTT 3.1.1 it is taken as ever, but handed on at QoS 1: the broker, which is told that it is
/// refused, completes the exchange and keeps nothing. One of MQTT 5 would read that refusal.
///
/// The copy leaves with the broker's next round. What the device publishes in this one goes the
/// same way, so that its order holds.
int hand_on(Plugin& plugin, const mosquitto_evt_acl_check& event, Session& session,
            const std::optional<link::Exceeded>& limit) {
  const std::string_view topic = event.topic;
  mosquitto_property* properties = nullptr;
  if ((limit || is_stamped(topic)) && !stamp_as_sent(plugin, session, topic, limit, &properties)) {
    return MOSQ_ERR_NOMEM;
  }
  if (event.qos > 1) plugin.limits.count(link::Limit::qos_2);
  session.handed_on_in = plugin.rounds;
  const bool sent =
      publish(topic, payload_of(event), std::min<int>(event.qos, 1), false, properties);
  return sent ? MOSQ_ERR_ACL_DENIED : MOSQ_ERR_NOMEM;
}

/// Whether it is about to be kicked: what is read of it until the next TICK counts too.
bool is_exceeding(Plugin& plugin, const Session& session) {
  if (!session.exceeding) return false;
  plugin.limits.count(*session.exceeding);
  plugin.outbox.count_refusal();
  return true;
}

/// Whether it may go on. `to_refuse`: the service is to refuse it in the plugin's place.
bool within_limits(Plugin& plugin, const mosquitto_evt_acl_check& event, Session& session,
                   std::optional<link::Exceeded>& to_refuse) {
  const auto excess = spend(plugin, event, session);
  if (!excess) return true;
  // Of MQTT 5 nothing goes on at QoS 2 (LIMIT-6).
  const bool goes_on = event.qos < 2 || !speaks_mqtt5(event.client);
  if (excess->then == Allowance::Then::answer && goes_on) {
    plugin.limits.count(excess->exceeded.limit);
    to_refuse = excess->exceeded;
    return true;
  }
  refuse_excess(plugin, event, session, *excess, link::Refused::What::publish);
  return false;
}

int on_device_publish(Plugin& plugin, const mosquitto_evt_acl_check& event, Session& session) {
  if (is_exceeding(plugin, session)) return MOSQ_ERR_ACL_DENIED;
  std::optional<link::Exceeded> to_refuse;
  if (!within_limits(plugin, event, session, to_refuse)) return MOSQ_ERR_ACL_DENIED;
  const std::string_view topic = event.topic;
  const auto* rights = rights_of(session);
  if (const auto decision = rights->may_publish(topic); !decision) {
    tell_refusal(plugin, event.client, &session, rights, link::Refused::What::publish, topic,
                 decision);
    return MOSQ_ERR_ACL_DENIED;
  }
  if (event.qos > 1 && speaks_mqtt5(event.client)) {
    refuse_excess(plugin, event, session, {{link::Limit::qos_2, 1}, Allowance::Then::refuse},
                  link::Refused::What::publish);
    return MOSQ_ERR_ACL_DENIED;
  }
  if (event.qos > 1 || session.handed_on_in == plugin.rounds) {
    return hand_on(plugin, event, session, to_refuse);
  }
  // A publish goes on to MESSAGE at once; what does not is a will that the broker sends for a
  // client which it did not report as ended (when it shuts down).
  plugin.unstamped = is_stamped(topic);
  plugin.to_refuse = to_refuse;
  return MOSQ_ERR_SUCCESS;
}

int on_publish(Plugin& plugin, const mosquitto_evt_acl_check& event, Session& session) {
  if (session.rights) return on_device_publish(plugin, event, session);
  const auto decision = service_may_publish(event.topic);
  if (decision) return MOSQ_ERR_SUCCESS;
  tell_refusal(plugin, event.client, &session, nullptr, link::Refused::What::publish, event.topic,
               decision);
  return MOSQ_ERR_ACL_DENIED;
}

/// A login has one will, and may be one of many: what a product's devices ask for has a limit, and
/// so has what waits for the service.
std::optional<link::Exceeded> will_exceeds(Plugin& plugin, const mosquitto_evt_acl_check& event,
                                           const protocol::Rights& rights) {
  const std::string_view topic = event.topic;
  const auto bytes = topic.size() + event.payloadlen;
  if (topic == protocol::auth_topic) {
    return ask_as_product(plugin, rights.identity(), bytes, steady_ms(plugin));
  }
  const auto& rules = plugin.options.limits;
  const auto& queue = plugin.limits.queues.uplinks;
  auto& share = plugin.limits.product(rights.identity().product_id).uplinks;
  if (queue.part(share, rules) <= 0) {
    return link::Exceeded{link::Limit::queue, percent_filled(queue, rules)};
  }
  queue.charge(share, rules, bytes);
  return std::nullopt;
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
  const auto refuse_it = [&](const Decision& decision) {
    tell_refusal(plugin, event.client, session, rights, link::Refused::What::will, topic, decision);
    return MOSQ_ERR_ACL_DENIED;
  };
  const auto decision = rights != nullptr ? rights->may_publish(topic) : service_may_publish(topic);
  if (!decision) return refuse_it(decision);
  if (rights != nullptr) {
    if (const auto exceeded = will_exceeds(plugin, event, *rights)) {
      plugin.limits.count(exceeded->limit);
      return refuse_it(refused(link::requirement(exceeded->limit), link::reason(*exceeded)));
    }
  }
  if (rights == nullptr || (!event.retain && !is_stamped(topic))) return MOSQ_ERR_SUCCESS;
  mosquitto_property* properties = nullptr;
  bool stamped = true;
  if (session != nullptr && is_stamped(topic)) {
    stamped = stamp_as_sent(plugin, *session, topic, std::nullopt, &properties);
  } else if (topic == protocol::auth_topic) {
    // Of a session that is over the number is not known any more: the reply is for nobody.
    const bool is_auth = rights->role() == protocol::Role::auth;
    const auto name = session_name(plugin.outbox.epoch(), 0);
    const auto sums = sums_of_auth(plugin);
    stamped = stamp(&properties, rights->identity(),
                    {is_auth ? "auth" : "v2", name.data(), "", sums.c_str()});
  }
  if (!stamped) return MOSQ_ERR_ACL_DENIED;
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

/// LIMIT-1: filters, asked for or given up, count like messages.
bool acts_too_often(Plugin& plugin, const mosquitto_evt_acl_check& event, Session& session) {
  if (!session.rights) return false;
  if (is_exceeding(plugin, session)) return true;
  const auto excess = session.allowance.act(session.rates, steady_ms(plugin));
  if (!excess) return false;
  refuse_excess(plugin, event, session, *excess, link::Refused::What::subscribe);
  return true;
}

/// LIMIT-5.
bool has_all_filters(Plugin& plugin, const mosquitto_evt_acl_check& event, Session& session) {
  const auto most = plugin.options.limits.filters;
  if (most == 0 || mosquitto_client_sub_count(session.client) < most) return false;
  refuse_excess(plugin, event, session, {{link::Limit::filters, most}, Allowance::Then::refuse},
                link::Refused::What::subscribe);
  return true;
}

int on_subscribe(Plugin& plugin, const mosquitto_evt_acl_check& event, Session& session) {
  if (session.revoked || acts_too_often(plugin, event, session)) return MOSQ_ERR_ACL_DENIED;
  const std::string_view filter = event.topic;
  const auto* rights = rights_of(session);
  const auto decision =
      rights != nullptr ? rights->may_subscribe(filter) : service_may_subscribe(filter);
  if (!decision) {
    tell_refusal(plugin, event.client, &session, rights, link::Refused::What::subscribe, filter,
                 decision);
    return MOSQ_ERR_ACL_DENIED;
  }
  if (rights != nullptr && has_all_filters(plugin, event, session)) return MOSQ_ERR_ACL_DENIED;
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

void put(Plugin& plugin, Consumer consumer, const mosquitto_evt_acl_check& event) noexcept {
  auto* queue = plugin.limits.queues.of(consumer);
  if (queue != nullptr) queue->put(std::string_view(event.topic).size() + event.payloadlen);
}

int on_receive(Plugin& plugin, const mosquitto_evt_acl_check& event, Session* session) {
  if (session != nullptr && session->rights) {
    if (!device_receives(*session->rights, event)) return MOSQ_ERR_ACL_DENIED;
    if (is_for(plugin, *session, event)) return MOSQ_ERR_SUCCESS;
    if (plugin.resuming == session->client) session->lost_places = true;
    return MOSQ_ERR_ACL_DENIED;
  }
  if (session != nullptr) {
    const bool receives = service_receives(plugin, event);
    if (receives && plugin.resuming != session->client) put(plugin, session->consumes, event);
    return answer(receives);
  }
  const auto stored = stored_client(plugin, event.client);
  const bool receives = stored && stored->service && service_receives(plugin, event);
  // The broker keeps nothing of QoS 0 for who is not there.
  if (receives && event.qos > 0) put(plugin, stored->consumes, event);
  return answer(receives);
}

}  // namespace

int on_access(Plugin& plugin, mosquitto_evt_acl_check& event) {
  Session* session = plugin.sessions.find(event.client);
  if (event.access == MOSQ_ACL_READ) return on_receive(plugin, event, session);
  end_delivery(plugin);
  if (event.access == MOSQ_ACL_WRITE) {
    plugin.unstamped = false;
    plugin.to_refuse.reset();
    // Not live any more, or being taken over at this moment: what the broker sends is the will.
    if (session == nullptr || session->superseded) return on_will(plugin, event, session);
    return on_publish(plugin, event, *session);
  }
  plugin.resuming = nullptr;
  switch (event.access) {
    case MOSQ_ACL_SUBSCRIBE:
      return session != nullptr ? on_subscribe(plugin, event, *session) : MOSQ_ERR_ACL_DENIED;
    case MOSQ_ACL_UNSUBSCRIBE:
      // Mosquitto 2.0 asks, and gives up the filter whatever it hears.
      if (session != nullptr && !acts_too_often(plugin, event, *session)) {
        on_unsubscribe(plugin, *session, event.topic);
      }
      return MOSQ_ERR_SUCCESS;
    default:
      return MOSQ_ERR_ACL_DENIED;
  }
}

}  // namespace xgate::plugin
