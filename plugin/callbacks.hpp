// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "plugin/plugin.hpp"

// One function a broker event, each in a file of its own. They return what the broker is to be
// told (MOSQ_ERR_…), and may throw: entry.cpp turns that into a refusal.
namespace xgate::plugin {

/// link::sums_text() of the queue of requests for authentication.
std::string sums_of_auth(const Plugin& plugin);

/// The stamps of a message of that session, in the place of the client's own properties. False
/// where memory ran out. `limit`: for which the service refuses it.
bool stamp_as_sent(const Plugin& plugin, const Session& session, std::string_view topic,
                   const std::optional<link::Exceeded>& limit, mosquitto_property** properties);

int on_login(Plugin& plugin, mosquitto_evt_basic_auth& event);             // BASIC_AUTH
int on_service_login(Plugin& plugin, mosquitto_evt_extended_auth& event);  // EXT_AUTH_START
int on_access(Plugin& plugin, mosquitto_evt_acl_check& event);             // ACL_CHECK
int on_message(Plugin& plugin, mosquitto_evt_message& event);              // MESSAGE
int on_control(Plugin& plugin, mosquitto_evt_control& event);              // CONTROL
int on_disconnect(Plugin& plugin, mosquitto_evt_disconnect& event);
int on_tick(Plugin& plugin, mosquitto_evt_tick& event);
int on_reload(Plugin& plugin, mosquitto_evt_reload& event);

}  // namespace xgate::plugin
