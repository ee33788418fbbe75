// SPDX-License-Identifier: Apache-2.0
#include "printable/characters.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace xgate::printable {
namespace {

struct Range {
  char32_t first;
  char32_t last;
};

constexpr std::array<Range, 15> unprintable{{
    {0x00, 0x1F},        // C0
    {0x7F, 0x9F},        // DEL and C1
    {0xAD, 0xAD},        // soft hyphen
    {0x061C, 0x061C},    // Arabic letter mark
    {0x180E, 0x180E},    // Mongolian vowel separator
    {0x200B, 0x200B},    // zero-width space
    {0x200E, 0x200F},    // direction marks
    {0x2028, 0x202E},    // separators of lines and paragraphs, embeddings and overrides
    {0x2060, 0x206F},    // invisible operators, isolates, deprecated formats
    {0xFEFF, 0xFEFF},    // byte order mark
    {0xFFF9, 0xFFFB},    // interlinear annotations
    {0x13430, 0x1343F},  // Egyptian hieroglyphs' layout
    {0x1BCA0, 0x1BCA3},  // shorthand's layout
    {0x1D173, 0x1D17A},  // beams of music
    {0xE0000, 0xE007F},  // tags
}};

}  // namespace

Character first_character(std::string_view text) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return {};
  char32_t code = lead & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80) return {};
    code = (code << 6U) | (byte(i) & 0x3FU);
  }
  constexpr std::array<char32_t, 5> smallest{0, 0, 0x80, 0x800, 0x10000};
  if (code < smallest[length] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return {};
  return {code, length};
}

bool is_printable(char32_t code) noexcept {
  return std::ranges::none_of(
      unprintable, [&](const Range& range) { return code >= range.first && code <= range.last; });
}

bool is_utf8(std::string_view bytes) noexcept {
  while (!bytes.empty()) {
    const Character next = first_character(bytes);
    if (next.code == Character::broken) return false;
    bytes.remove_prefix(next.length);
  }
  return true;
}

}  // namespace xgate::printable
