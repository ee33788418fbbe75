// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include <tl/expected.hpp>

#include "mqtt/packets.hpp"
#include "mqtt/wire.hpp"

// The property lists of MQTT 5 (2.2.2), for the codec only.
namespace xgate::mqtt {

/// The received packets that carry properties; one bit each.
enum class PropertyOwner : std::uint8_t {
  connack = 1,
  publish = 2,
  ack = 4,  ///< PUBACK, SUBACK, UNSUBACK, PUBREL
  disconnect = 8,
};

/// Reads one list with its length. Unknown, misplaced, repeated or impossible ones are errors.
tl::expected<Properties, DecodeError> read_properties(wire::Reader& reader, PropertyOwner owner);

/// Appends the list with its length. All strings must have been checked against text_limit.
void put_properties(std::string& out, const Properties& properties);

}  // namespace xgate::mqtt
