// SPDX-License-Identifier: Apache-2.0
#include "cli/node_euis.hpp"

#include <charconv>

#include "protocol/identity.hpp"

namespace xgate::cli {

tl::expected<std::vector<std::string>, std::string> node_euis(const std::string& first,
                                                              std::int64_t count) {
  if (!protocol::is_node_eui(first))
    return tl::unexpected("\"" + first + "\" is no NodeEui: 4 to 32 letters and digits (ID-3)");
  if (count == 1) return std::vector{first};
  constexpr std::size_t most_digits = 15;
  std::size_t begin = first.size();
  while (begin > 0 && first[begin - 1] >= '0' && first[begin - 1] <= '9' &&
         first.size() - begin < most_digits)
    --begin;
  if (begin == first.size())
    return tl::unexpected("\"" + first +
                          "\" has no decimal number at its end that could count on: list such "
                          "devices in a file, see xgate device import --help");
  const std::string stem = first.substr(0, begin);
  const std::size_t width = first.size() - begin;
  std::int64_t number = 0;
  std::from_chars(first.data() + begin, first.data() + first.size(), number);
  std::vector<std::string> names;
  names.reserve(static_cast<std::size_t>(count));
  for (std::int64_t i = 0; i < count; ++i) {
    std::string digits = std::to_string(number + i);
    if (digits.size() > width)
      return tl::unexpected("the number at the end of \"" + first + "\" has too few digits for " +
                            std::to_string(count) + " devices");
    digits.insert(0, width - digits.size(), '0');
    names.push_back(stem + digits);
  }
  return names;
}

}  // namespace xgate::cli
