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
};

struct Subscription {
  std::string filter;
  int qos = 1;
  bool no_local = false;  ///< MQTT 5
};

}  // namespace xgate::mqtt
