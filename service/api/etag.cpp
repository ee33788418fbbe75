// SPDX-License-Identifier: Apache-2.0
#include "service/api/etag.hpp"

namespace xgate::api {

bool names_tag(std::string_view if_none_match, std::string_view etag) {
  constexpr std::string_view between = " \t,";
  auto rest = if_none_match;
  while (true) {
    const auto start = rest.find_first_not_of(between);
    if (start == std::string_view::npos) return false;
    rest.remove_prefix(start);
    if (rest.front() == '*') return true;
    if (rest.starts_with("W/")) rest.remove_prefix(2);
    const auto end = rest.starts_with('"') ? rest.find('"', 1) : std::string_view::npos;
    if (end == std::string_view::npos) return false;  // no list of tags: as if none was sent
    if (rest.substr(0, end + 1) == etag) return true;
    rest.remove_prefix(end + 1);
  }
}

}  // namespace xgate::api
