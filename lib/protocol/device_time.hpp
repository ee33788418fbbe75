// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include <tl/expected.hpp>

namespace xgate::protocol {

/// 2000-01-01, before any clock was set; and how far ahead a device's clock may be.
constexpr std::int64_t earliest_device_time_ms = 946'684'800'000;
constexpr std::int64_t device_clock_ahead_ms = 24LL * 60 * 60 * 1000;

/// The time, or what a value that has it is refused for: "has a time before …".
constexpr tl::expected<std::int64_t, std::string_view> check_device_time(
    std::int64_t time_ms, std::int64_t received_at_ms) noexcept {
  using namespace std::string_view_literals;
  if (time_ms < earliest_device_time_ms) {
    return tl::unexpected("has a time before 2000 (milliseconds are expected)"sv);
  }
  if (time_ms > received_at_ms + device_clock_ahead_ms) {
    return tl::unexpected("has a time more than a day ahead"sv);
  }
  return time_ms;
}

}  // namespace xgate::protocol
