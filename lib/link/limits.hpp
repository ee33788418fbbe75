// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// What one client may do only so often (LIMIT-n), so that nobody else notices.
namespace xgate::link {

/// In the order of their requirements, from LIMIT-1.
enum class Limit : std::uint8_t {
  messages,       ///< a device's publishes, and filters it asks for or gives up, a second
  bytes,          ///< of a device's publishes, topic and payload, a second
  logins,         ///< of one identity, a minute; AUTH- logins of one product, a second
  auth_requests,  ///< of one session, a minute; of one product, a second
  filters,        ///< of one session, at a time
  qos_2,          ///< what a device publishes is taken at QoS 1
  queue,          ///< what waits in the broker for the service
};
inline constexpr std::size_t limit_count = 7;

std::string_view requirement(Limit limit) noexcept;  ///< "LIMIT-1"

/// A limit that somebody went beyond, as operators read of it. `most`: how many would have been
/// within it.
struct Exceeded {
  Limit limit = Limit::messages;
  std::int64_t most = 0;
  /// logins, auth_requests: of all devices of the product together, a second
  bool of_product = false;
  bool operator==(const Exceeded&) const = default;
};
std::string reason(const Exceeded& exceeded);

/// How the plugin stamps it on a message which the service is to refuse in its place:
/// "EPOCH/1:100". No client knows the broker's epoch, so none can stamp in its place.
std::string stamp_text(std::string_view epoch, const Exceeded& exceeded);
/// Nothing where it is of another epoch, or an empty one.
std::optional<Exceeded> parse_stamp(std::string_view text, std::string_view epoch) noexcept;

/// All that the plugin put into a queue of the service's, in the life of a broker: "EPOCH/7:1234".
struct QueueSums {
  std::uint64_t messages = 0;
  std::uint64_t bytes = 0;
  bool operator==(const QueueSums&) const = default;
};
std::string sums_text(std::string_view epoch, const QueueSums& sums);
/// Nothing where it is of another epoch, or an empty one.
std::optional<QueueSums> parse_sums(std::string_view text, std::string_view epoch) noexcept;

/// How often each was exceeded, in the life of a broker.
using LimitCounts = std::array<std::uint64_t, limit_count>;

}  // namespace xgate::link
