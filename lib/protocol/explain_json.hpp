// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace xgate::protocol {

/// The usual mistake in a text that is not JSON, where a parser stopped: `position` counts the
/// bytes that it had read. Empty where it is none. Never part of the text.
std::string_view explain_json(std::string_view text, std::size_t position) noexcept;

/// "NAME is missing", and where a member of that name stands there in another case or with
/// underscores: that.
std::string missing_member(const nlohmann::json& object, std::string_view name);

}  // namespace xgate::protocol
