// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

// Which characters a terminal shows, and which it obeys. Pure; thread-safe.
namespace xgate::printable {

/// What stands at the start of a text.
struct Character {
  static constexpr char32_t broken = 0xFFFFFFFF;  ///< a byte that belongs to no character
  char32_t code = broken;
  std::size_t length = 1;  ///< in bytes, also where broken
};

/// Of a text that is not empty. UTF-8 strictly: no overlong form, no surrogate, nothing cut off.
Character first_character(std::string_view text) noexcept;

/// False of what moves a cursor, sets a terminal up, breaks a line, turns the direction of writing
/// or is not seen: Unicode's controls (Cc), separators of lines and paragraphs (Zl, Zp), and
/// invisible formats (Cf), except the two joiners (U+200C, U+200D), which scripts and emoji need.
bool is_printable(char32_t code) noexcept;

bool is_utf8(std::string_view bytes) noexcept;

}  // namespace xgate::printable
