// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>
#include <tl/expected.hpp>

namespace xgate::protocol {

struct JsonLimits {
  std::size_t max_bytes = 256UL * 1024;
  int max_depth = 32;
};

/// Parses bytes from outside. Bounded before a tree is built: size, depth, invalid UTF-8, NUL
/// bytes, duplicate members, integers beyond 64 bits and numbers beyond double are errors, each
/// in one clear sentence with the byte offset. Never throws.
tl::expected<nlohmann::json, std::string> parse_json(std::string_view text, JsonLimits limits = {});

/// The first value of the member `name` of the outermost object, where it is a string or a whole
/// number that fits: read from the front, so that it is found in much that parse_json refuses; null
/// otherwise. Never throws; builds no tree.
nlohmann::json find_scalar(std::string_view text, std::string_view name);

/// An object's member; nothing where there is none, or where it is null.
const nlohmann::json* present_member(const nlohmann::json& object, std::string_view name);

/// Compact text. Never throws (invalid UTF-8 cannot come out of parse_json).
std::string compact(const nlohmann::json& value);

}  // namespace xgate::protocol
