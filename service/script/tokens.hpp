// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace xgate::script {

/// A word of JavaScript, of any edition.
struct Token {
  enum class Kind : std::uint8_t { end, name, number, text, pattern, sign };
  Kind kind = Kind::end;
  std::string_view text;  ///< as it is written; of a text with its quotes, of a pattern with flags
  std::size_t line = 0;   ///< from 1
  bool first_in_line = false;

  bool is(std::string_view written) const { return kind != Kind::text && text == written; }
};

/// The words of a script, comments left out, and an end. It ends early at a template string, of
/// which only the ` is given: what follows is to be read by other rules.
std::vector<Token> tokens_of(std::string_view source);

}  // namespace xgate::script
