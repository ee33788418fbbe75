// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace xgate::protocol {

/// What an open command waits for: the first of these that is missing.
enum class WaitingFor : std::uint8_t {
  vendor_enabled,
  product_enabled,
  device_enabled,
  online,
  subscription,  ///< to the command's topic
  session_key,   ///< to encrypt it with (AUTH-3)
  broker,        ///< nothing is missing: it is on its way there
  answer,        ///< of the device, which was sent it in this session
};
std::string_view to_string(WaitingFor what) noexcept;  ///< "session_key"
std::optional<WaitingFor> waiting_for_from(std::string_view text) noexcept;

/// What holds an open command up, in a sentence; empty where it is on its way, or with the device.
std::string why_waiting(WaitingFor what, std::string_view topic);
/// Why a command expired that waited for this. `received`: the device had said that it has it.
std::string why_expired(WaitingFor what, std::string_view topic, bool received);

}  // namespace xgate::protocol
