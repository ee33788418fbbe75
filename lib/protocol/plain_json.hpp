// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "protocol/json.hpp"

namespace xgate::protocol {

/// The JSON that nearly every message is made of, read in one pass at a third of the library's
/// cost: a frame was four fifths of what a worker did for it. Nothing for all that is not plain
/// (text beyond ASCII, \u, a member twice, numbers too large, every error): the library reads
/// those, and says what is wrong. What is given is what the library would have given.
std::optional<nlohmann::json> read_plain_json(std::string_view text, const JsonLimits& limits);

/// Appends the same text as the library's dump(), invalid UTF-8 replaced.
void append_compact(std::string& out, const nlohmann::json& value);

}  // namespace xgate::protocol
