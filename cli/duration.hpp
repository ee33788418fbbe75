// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace xgate::cli {

/// "90s", "30m", "48h", "2d", "1d12h" to seconds, more than none. The error is half a sentence
/// that says what a duration looks like.
tl::expected<std::int64_t, std::string> parse_duration(std::string_view text);

/// In the largest unit that says it exactly: 172800 is "2d", 5400 is "90m".
std::string format_duration(std::int64_t seconds);

}  // namespace xgate::cli
