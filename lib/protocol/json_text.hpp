// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>
#include <tl/expected.hpp>

#include "protocol/json.hpp"

// JSON as it was written: with its members in their order.
namespace xgate::protocol {

/// parse_json, but for the order. Of what was read as JSON before: a member that stands there twice
/// is not noticed.
tl::expected<nlohmann::ordered_json, std::string> parse_ordered_json(std::string_view text,
                                                                     JsonLimits limits = {});

/// Of an object's text that parse_json takes: a member's value as it stands there; compact where
/// its name is written with escapes.
std::string text_of_member(std::string_view object, std::string_view name,
                           const nlohmann::json& value);

/// A template, so that what is neither is taken for a json.
template <std::same_as<nlohmann::ordered_json> Ordered>
std::string compact(const Ordered& value) {
  return value.dump(-1, ' ', false, Ordered::error_handler_t::replace);
}

}  // namespace xgate::protocol
