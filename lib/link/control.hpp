// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include <tl/expected.hpp>

#include "protocol/identity.hpp"

// What the service tells the plugin on control_topic.
namespace xgate::link {

/// A device that was just stored; must be known before the auth reply leaves (AUTH-9).
/// `revision` is the row's: an older one than the plugin knows changes nothing.
struct KnowDevice {
  protocol::Identity device;
  std::string device_secret;  ///< 32 hex digits
  bool enabled = true;
  std::int64_t revision = 0;
  /// Another one where the device was deleted and registered anew: the low 24 bits of device_id.
  std::uint32_t registration = 0;
};

/// Asks for the live sessions (LiveSessions events).
struct Sync {
  std::uint64_t sync = 0;
};

/// The service has taken, or will never get, what the plugin put into one of its queues until the
/// sums were these (EventBatch; QueueSums of requests for authentication).
struct Taken {
  std::string epoch;  ///< the plugin's, as it told it
  std::uint64_t messages = 0;
  std::uint64_t bytes = 0;
  bool auth = false;  ///< of the queue of requests for authentication, else of that of all others
};

/// Changes nothing. Once it is acknowledged, the broker has handled all that was sent before it.
struct Mark {};

using Command = std::variant<KnowDevice, Sync, Taken, Mark>;

std::string encode(const Command& command);
tl::expected<Command, std::string> decode_command(std::string_view json);

}  // namespace xgate::link
