// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
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

/// The JSON text of the first value of the member `name` of the outermost object, where it is a
/// string or a number, a number's digits as they stand there; empty otherwise. Read from the front,
/// so that it is found in much that parse_json refuses. Never throws; builds no tree.
std::string find_scalar(std::string_view text, std::string_view name);

/// The whole number that a value is, however it is written: 3, 3.0 and 3e0 are one. Nothing where
/// it is none, or a text. What is beyond 64 bits comes as the nearest that is not.
std::optional<std::int64_t> whole_number(const nlohmann::json& value) noexcept;
/// The same of a number's text ("1.5e3"); nothing where the text is anything else, or an integer
/// beyond 64 bits, which parse_json refuses.
std::optional<std::int64_t> whole_number_in(std::string_view text) noexcept;

/// An object's member; nothing where there is none, or where it is null.
const nlohmann::json* present_member(const nlohmann::json& object, std::string_view name);

/// Compact text. Never throws (invalid UTF-8 cannot come out of parse_json).
std::string compact(const nlohmann::json& value);

}  // namespace xgate::protocol
