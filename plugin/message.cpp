// SPDX-License-Identifier: Apache-2.0
#include <string_view>

#include "plugin/callbacks.hpp"
#include "protocol/topic.hpp"

namespace xgate::plugin {

/// A publish that passed WRITE.
int on_message(Plugin& plugin, mosquitto_evt_message& event) {
  plugin.unstamped = false;
  const bool is_auth_request = std::string_view(event.topic) == protocol::auth_topic;
  const Session* session = plugin.sessions.find(event.client);
  if (session == nullptr) {
    // only a bridge of the broker's own gets here without a login; it cannot say who asks (AUTH-4)
    return is_auth_request ? MOSQ_ERR_ACL_DENIED : MOSQ_ERR_SUCCESS;
  }
  if (session->kind == Session::Kind::service) return MOSQ_ERR_SUCCESS;
  event.retain = false;  // TOPIC-15
  if (!is_stamped(event.topic)) return MOSQ_ERR_SUCCESS;
  if (!is_auth_request) {
    return stamp_session(&event.properties, plugin.outbox.epoch(), session->number)
               ? MOSQ_ERR_SUCCESS
               : MOSQ_ERR_ACL_DENIED;
  }
  const bool is_auth_login = session->kind == Session::Kind::auth;
  return stamp(&event.properties, session->identity(), is_auth_login ? "auth" : "v2")
             ? MOSQ_ERR_SUCCESS
             : MOSQ_ERR_ACL_DENIED;
}

}  // namespace xgate::plugin
