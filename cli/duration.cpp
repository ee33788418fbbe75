// SPDX-License-Identifier: Apache-2.0
#include "cli/duration.hpp"

#include <array>
#include <charconv>
#include <limits>

namespace xgate::cli {
namespace {

struct Unit {
  char letter;
  std::int64_t seconds;
};
constexpr std::array<Unit, 4> units{{{'d', 86400}, {'h', 3600}, {'m', 60}, {'s', 1}}};

std::int64_t seconds_in(char letter) noexcept {
  for (const Unit& unit : units) {
    if (unit.letter == letter) return unit.seconds;
  }
  return 0;
}

}  // namespace

tl::expected<std::int64_t, std::string> parse_duration(std::string_view text) {
  const auto wrong = [&] {
    return tl::unexpected("\"" + std::string(text) +
                          "\" is no duration; write 90s, 30m, 48h, 2d or 1d12h");
  };
  std::int64_t total = 0;
  std::string_view rest = text;
  while (!rest.empty()) {
    std::int64_t number = 0;
    const char* end = rest.data() + rest.size();
    const auto parsed = std::from_chars(rest.data(), end, number);
    if (parsed.ec != std::errc{} || parsed.ptr == end || number < 0) return wrong();
    const std::int64_t unit = seconds_in(*parsed.ptr);
    if (unit == 0) return wrong();
    constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
    if (number > (most - total) / unit) return wrong();
    total += number * unit;
    rest.remove_prefix(static_cast<std::size_t>(parsed.ptr - rest.data()) + 1);
  }
  if (text.empty()) return wrong();
  if (total == 0) {
    return tl::unexpected('"' + std::string(text) + "\" is no time at all; the least is 1s");
  }
  return total;
}

std::string format_duration(std::int64_t seconds) {
  for (const Unit& unit : units) {
    if (seconds != 0 && seconds % unit.seconds == 0) {
      return std::to_string(seconds / unit.seconds) + unit.letter;
    }
  }
  return std::to_string(seconds) + "s";
}

}  // namespace xgate::cli
