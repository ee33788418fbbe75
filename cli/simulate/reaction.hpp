// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "cli/simulate/pattern.hpp"
#include "cli/simulate/platform_command.hpp"
#include "cli/simulate/scenario.hpp"

namespace xgate::cli {

/// A message of a device before its Payload is sealed.
struct Outgoing {
  protocol::TopicName topic = protocol::TopicName::uplink;
  std::string identifier;
  int header_ctrl = 0;
  protocol::MessageId message_id;
  nlohmann::json payload;
};

/// What a device knows of itself: changed by what it is told, lost at no login.
struct DeviceMemory {
  nlohmann::json properties = nlohmann::json::object();  ///< patterns, and what was set
  nlohmann::json settings = nlohmann::json::object();
  std::string hard_ver;
  std::map<std::string, std::string> soft_vers;  ///< by module
};

/// What a device answers, in this order (DOWN-1, PROP-2, PROP-3, SVC-1, HEX-2, CONF-1, FW-2,
/// OTA-2's confirmation), and what it remembers of it. Nothing where `rule` says so.
std::vector<Outgoing> react(const PlatformCommand& command, const Rule& rule, DeviceMemory& memory,
                            const Filling& filling);

/// FW-1: the Payload about one module.
nlohmann::json firmware_payload(const DeviceMemory& memory, const std::string& module);

}  // namespace xgate::cli
