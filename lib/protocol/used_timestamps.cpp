// SPDX-License-Identifier: Apache-2.0
#include "protocol/used_timestamps.hpp"

#include <algorithm>

namespace xgate::protocol {
namespace {

constexpr auto width = UsedTimestamps::seconds;

/// The same of a newest that is `seconds` later.
std::uint64_t later(std::uint64_t before_newest, std::int64_t seconds) noexcept {
  return seconds >= width ? 0 : before_newest << static_cast<unsigned>(seconds);
}

}  // namespace

bool UsedTimestamps::holds(std::int64_t timestamp) const noexcept {
  if (timestamp > newest) return false;
  const auto before = newest - timestamp;
  return before >= width || ((before_newest >> static_cast<unsigned>(before)) & 1U) != 0;
}

void UsedTimestamps::use(std::int64_t timestamp, std::int64_t now_s) noexcept {
  if (timestamp > newest) {
    before_newest = later(before_newest, timestamp - newest);
    newest = timestamp;
  }
  before_newest |= later(1, newest - timestamp);
  const auto first_free = std::min(timestamp, now_s);
  before_newest |= later(~std::uint64_t{1}, newest - first_free);
}

void UsedTimestamps::add(const UsedTimestamps& others) noexcept {
  if (others.newest > newest) {
    before_newest = later(before_newest, others.newest - newest);
    newest = others.newest;
  }
  before_newest |= later(others.before_newest, newest - others.newest);
}

}  // namespace xgate::protocol
