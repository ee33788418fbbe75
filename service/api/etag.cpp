// SPDX-License-Identifier: Apache-2.0
#include "service/api/etag.hpp"

namespace xgate::api {
namespace {

bool list_names(std::string_view list, std::string_view etag, bool weak_too) {
  constexpr std::string_view between = " \t,";
  auto rest = list;
  while (true) {
    const auto start = rest.find_first_not_of(between);
    if (start == std::string_view::npos) return false;
    rest.remove_prefix(start);
    if (rest.front() == '*') return true;
    const bool weak = rest.starts_with("W/");
    if (weak) rest.remove_prefix(2);
    const auto end = rest.starts_with('"') ? rest.find('"', 1) : std::string_view::npos;
    if (end == std::string_view::npos) return false;  // no list of tags: as if none was sent
    if ((weak_too || !weak) && rest.substr(0, end + 1) == etag) return true;
    rest.remove_prefix(end + 1);
  }
}

}  // namespace

bool matches_tag(std::string_view if_match, std::string_view etag) {
  return list_names(if_match, etag, false);
}

bool names_tag(std::string_view if_none_match, std::string_view etag) {
  return list_names(if_none_match, etag, true);
}

}  // namespace xgate::api
