// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace xgate::mqtt {

enum class Version : std::uint8_t { v311 = 4, v5 = 5 };

using UserProperties = std::vector<std::pair<std::string, std::string>>;

struct Publish {
  std::string topic;
  std::string payload;
  int qos = 0;
  bool retain = false;
  bool dup = false;
  UserProperties user_properties;  ///< MQTT 5 only
  std::uint32_t expiry_s = 0;      ///< MQTT 5, of what is sent: delivered no later; 0: no limit
};

struct Subscription {
  std::string filter;
  int qos = 1;
  bool no_local = false;  ///< MQTT 5
};

/// What must be handed back to acknowledge a received QoS 1 message. Belongs to one connection:
/// after a reconnect an old token is ignored, for the broker sends the message again.
struct AckToken {
  std::uint64_t connection = 0;
  std::uint16_t packet_id = 0;  ///< 0: QoS 0, nothing to acknowledge
};

}  // namespace xgate::mqtt
