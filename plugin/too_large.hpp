// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "directory/device_key.hpp"

namespace xgate::plugin {

/// What Mosquitto logs, and tells in no other way, of a message that is larger than its MQTT 5
/// client takes: "…: Dropping too large outgoing PUBLISH for V2_P.N~001 (509 bytes)".
struct Dropped {
  directory::DeviceKey device;
  std::int64_t bytes = 0;  ///< of the packet, without its fixed header
};
/// Nothing where the line says something else, or of whom is not a device.
std::optional<Dropped> read_dropped(std::string_view line) noexcept;

}  // namespace xgate::plugin
