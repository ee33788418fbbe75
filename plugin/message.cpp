// SPDX-License-Identifier: Apache-2.0
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "link/address.hpp"
#include "link/topics.hpp"
#include "plugin/callbacks.hpp"
#include "protocol/listening.hpp"
#include "protocol/topic.hpp"

namespace xgate::plugin {

namespace {

/// The topic becomes the device's, where it stands: the broker goes on with the same block.
int on_addressed(Plugin& plugin, mosquitto_evt_message& event) {
  const auto address = link::parse_address(event.topic);
  const auto match = address ? protocol::parse_topic(address->topic) : std::nullopt;
  if (!match || event.payload == nullptr) return MOSQ_ERR_ACL_DENIED;
  auto& delivery = plugin.delivery;
  // No session has the number 0: nobody is in a session of another epoch.
  const bool is_ours = address->epoch == plugin.outbox.epoch();
  delivery.session = is_ours ? address->session : 0;
  delivery.command_id = is_ours ? address->command_id : 0;
  delivery.taken = false;
  delivery.device.open_id = match->device.open_id;
  delivery.device.product_id = match->device.product_id;
  delivery.device.node_eui = match->device.node_eui;
  delivery.topic = match->name;
  delivery.identifier = match->identifier;
  delivery.payload = event.payload;
  const auto size = address->topic.size();
  std::memmove(event.topic, address->topic.data(), size);
  event.topic[size] = '\0';
  return MOSQ_ERR_SUCCESS;
}

}  // namespace

void end_delivery(Plugin& plugin) {
  auto& delivery = plugin.delivery;
  if (delivery.payload == nullptr) return;
  delivery.payload = nullptr;
  if (delivery.command_id == 0) return;
  Session* session = plugin.sessions.numbered(delivery.session);
  if (session != nullptr) std::erase(session->unheard, delivery.command_id);
  if (delivery.taken) return;
  plugin.outbox.add(link::Listening{
      .session = delivery.session,
      .device = delivery.device,
      .given_up = protocol::words_of_command_topic(delivery.topic, delivery.identifier),
      .unheard = delivery.command_id});
  if (session == nullptr) return;
  if (session->unheard.size() >= Session::max_unheard) {
    session->unheard.erase(session->unheard.begin());
  }
  session->unheard.push_back(delivery.command_id);
  session->heard
      .clear();  // the service takes it that nothing is: whatever it subscribes to is news
}

std::string sums_of_auth(const Plugin& plugin) {
  return link::sums_text(plugin.outbox.epoch(), plugin.limits.queues.auth.sums());
}

bool stamp_as_sent(const Plugin& plugin, const Session& session, std::string_view topic,
                   const std::optional<link::Exceeded>& limit, mosquitto_property** properties) {
  const auto name = session_name(plugin.outbox.epoch(), session.number);
  const auto text = limit ? link::stamp_text(plugin.outbox.epoch(), *limit) : std::string();
  const char* const limit_text = limit ? text.c_str() : nullptr;
  if (topic != protocol::auth_topic) return stamp_session(properties, name.data(), limit_text);
  const bool is_auth_login = session.kind == Session::Kind::auth;
  const auto sums = sums_of_auth(plugin);
  return stamp(properties, session.identity(),
               {is_auth_login ? "auth" : "v2", name.data(), session.address.c_str(), sums.c_str(),
                limit_text});
}

/// A publish that passed WRITE.
int on_message(Plugin& plugin, mosquitto_evt_message& event) {
  end_delivery(plugin);
  plugin.resuming = nullptr;
  plugin.unstamped = false;
  const bool is_auth_request = std::string_view(event.topic) == protocol::auth_topic;
  const Session* session = plugin.sessions.find(event.client);
  if (session == nullptr) {
    // only a bridge of the broker's own gets here without a login; it cannot say who asks (AUTH-4)
    return is_auth_request ? MOSQ_ERR_ACL_DENIED : MOSQ_ERR_SUCCESS;
  }
  if (session->kind == Session::Kind::service) {
    const bool is_addressed = std::string_view(event.topic).starts_with(link::address_prefix);
    return is_addressed ? on_addressed(plugin, event) : MOSQ_ERR_SUCCESS;
  }
  event.retain = false;  // TOPIC-15
  const auto limit = std::exchange(plugin.to_refuse, std::nullopt);
  if (!limit && !is_stamped(event.topic)) return MOSQ_ERR_SUCCESS;
  return stamp_as_sent(plugin, *session, event.topic, limit, &event.properties)
             ? MOSQ_ERR_SUCCESS
             : MOSQ_ERR_ACL_DENIED;
}

}  // namespace xgate::plugin
