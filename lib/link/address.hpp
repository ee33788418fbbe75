// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// How the service says in which MQTT session of a device a message is to arrive: nothing is
// delivered late, to somebody else, or twice.
namespace xgate::link {

/// A message's topic on its way to the plugin is "$xgate/v1/to/EPOCH/SESSION/COMMAND" and the
/// device's topic, which is all that the plugin leaves of it. Not a property: the plugin cuts a
/// topic where it stands, and would have to allocate to read a property.
struct Address {
  std::string_view epoch;
  std::uint64_t session = 0;
  /// Its row, where the service wants to hear that nobody took it (Unheard); 0: it does not.
  std::int64_t command_id = 0;
  std::string_view topic;  ///< the device's
};

/// `session` is "epoch/number", as the plugin stamps it and presence keeps it.
std::string addressed_topic(std::string_view session, std::int64_t command_id,
                            std::string_view topic);
/// Nothing where it is no such topic, or not well formed. Never allocates.
std::optional<Address> parse_address(std::string_view topic) noexcept;

}  // namespace xgate::link
