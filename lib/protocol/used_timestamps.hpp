// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace xgate::protocol {

/// V2-3's memory of a device: which type-1 timestamps can be used no more. A second is used by the
/// login that was accepted with it; and every second before that login, by the platform's clock as
/// well as by the device's. So a device with a right clock can only go forwards, and one that was
/// ahead and is set right finds the seconds between the platform's time and its own earlier one
/// free, but for those it has used. Of what is 64 seconds or more before the newest, all is used:
/// the allowance may be up to that.
struct UsedTimestamps {
  static constexpr std::int64_t seconds = 64;

  std::int64_t newest = 0;  ///< 0: none
  /// Bit n: whether the second n before the newest is used.
  std::uint64_t before_newest = ~std::uint64_t{0};

  bool holds(std::int64_t timestamp) const noexcept;
  /// A login was accepted with it, at `now_s`.
  void use(std::int64_t timestamp, std::int64_t now_s) noexcept;
  /// And those that others know of.
  void add(const UsedTimestamps& others) noexcept;

  bool operator==(const UsedTimestamps&) const = default;
};

}  // namespace xgate::protocol
