// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace xgate::api {

/// RFC 3339 with a zone, "2026-11-23T02:04:50.123Z" or "…+08:00", as Unix milliseconds; further
/// digits are cut off. Nothing for any other text.
std::optional<std::int64_t> time_from_text(std::string_view text) noexcept;
/// The same in UTC, with milliseconds.
std::string time_to_text(std::int64_t unix_ms);

}  // namespace xgate::api
