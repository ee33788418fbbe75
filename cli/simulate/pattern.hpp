// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

// Values as a scenario writes them: JSON in which some texts stand for something that is made anew
// for each message.
namespace xgate::cli {

/// What patterns are filled with.
struct Filling {
  std::int64_t count = 1;  ///< of the messages of this [[do]], from 1
  std::string_view node_eui;
  std::int64_t now_ms = 0;
  std::minstd_rand& random;
};

/// "20..30" is a whole number between the two, "20.0..30.0" one with as many decimals; "@count",
/// "@node" and "@time" are what they say; "@text …" is the text after it, whatever it looks like.
/// All other values stand for themselves.
nlohmann::json filled(const nlohmann::json& pattern, const Filling& filling);

/// Half a sentence about a text in `pattern` that looks like one of these and is none.
std::optional<std::string> wrong_with(const nlohmann::json& pattern);

/// Bytes as hex digits, where each ? is any digit; blanks between them are left out.
std::string filled_hex(std::string_view pattern, const Filling& filling);
std::optional<std::string> wrong_with_hex(std::string_view pattern);

}  // namespace xgate::cli
