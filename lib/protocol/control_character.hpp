// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

namespace xgate::protocol {

/// The length in UTF-8 of the character at the start of `text` that a terminal would obey instead
/// of showing it: C0, DEL and C1, separators of lines, and what turns the direction of writing.
/// Else 0. What clients sent must not forge lines of a log, or show as another text than it is.
inline std::size_t control_character(std::string_view text) noexcept {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  if (text.empty()) return 0;
  if (byte(0) < 0x20 || byte(0) == 0x7F) return 1;
  if (byte(0) == 0xC2 && byte(1) >= 0x80 && byte(1) <= 0x9F) return 2;  // U+0080…U+009F
  if (byte(0) != 0xE2) return 0;
  const bool separator = byte(1) == 0x80 && (byte(2) == 0xA8 || byte(2) == 0xA9);
  const bool embedding = byte(1) == 0x80 && byte(2) >= 0xAA && byte(2) <= 0xAE;  // U+202A…U+202E
  const bool isolate = byte(1) == 0x81 && byte(2) >= 0xA6 && byte(2) <= 0xA9;    // U+2066…U+2069
  return separator || embedding || isolate ? 3 : 0;
}

}  // namespace xgate::protocol
