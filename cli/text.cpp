// SPDX-License-Identifier: Apache-2.0
#include "cli/text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>

namespace xgate::cli {
namespace {

constexpr char32_t broken = 0xFFFFFFFF;
constexpr std::string_view replacement = "\xEF\xBF\xBD";  // U+FFFD

struct Decoded {
  char32_t code = broken;
  std::size_t length = 1;  ///< bytes taken, also where broken
};

// One character of UTF-8, strictly: no overlong form, no surrogate.
Decoded decode(std::string_view text) noexcept {
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

struct CodeRange {
  char32_t first;
  char32_t last;
};
template <std::size_t N>
bool in(const std::array<CodeRange, N>& ranges, char32_t code) noexcept {
  return std::any_of(ranges.begin(), ranges.end(),
                     [&](const CodeRange& r) { return code >= r.first && code <= r.last; });
}

constexpr std::array<CodeRange, 10> wide{{{0x1100, 0x115F},
                                          {0x2E80, 0x303E},
                                          {0x3041, 0xA4CF},
                                          {0xAC00, 0xD7A3},
                                          {0xF900, 0xFAFF},
                                          {0xFE30, 0xFE6F},
                                          {0xFF00, 0xFF60},
                                          {0xFFE0, 0xFFE6},
                                          {0x1F300, 0x1FAFF},
                                          {0x20000, 0x3FFFD}}};
constexpr std::array<CodeRange, 5> combining{
    {{0x0300, 0x036F}, {0x1AB0, 0x1AFF}, {0x200B, 0x200D}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}}};
// C0, DEL and C1 controls; line and paragraph separators; direction marks and overrides.
constexpr std::array<CodeRange, 5> steering{
    {{0x00, 0x1F}, {0x7F, 0x9F}, {0x200E, 0x200F}, {0x2028, 0x202E}, {0x2066, 0x2069}}};

constexpr std::array<CodeRange, 6> blanks{{{0x20, 0x20},
                                           {0xA0, 0xA0},
                                           {0x2000, 0x200D},
                                           {0x202F, 0x202F},
                                           {0x3000, 0x3000},
                                           {0xFEFF, 0xFEFF}}};

std::string escaped(char32_t code) {
  std::array<char, 16> escape{};
  std::snprintf(escape.data(), escape.size(), "\\u%04X", static_cast<unsigned>(code));
  return escape.data();
}

std::size_t width_of(char32_t code) noexcept {
  if (in(combining, code)) return 0;
  return in(wide, code) ? 2 : 1;
}

/// as_it_came(), with the blanks seen that stand before `first` or from `last` on.
std::string byte_for_byte(std::string_view bytes, std::size_t first, std::size_t last) {
  constexpr char32_t pictures = 0x2400;
  constexpr std::string_view blank = "␣";
  std::string text;
  for (std::size_t at = 0; at < bytes.size();) {
    const Decoded next = decode(bytes.substr(at));
    const auto whole = bytes.substr(at, next.length);
    if (next.code == broken) {
      std::array<char, 8> escape{};
      std::snprintf(escape.data(), escape.size(), "\\x%02X",
                    static_cast<unsigned>(static_cast<std::uint8_t>(bytes[at])));
      text += escape.data();
    } else if (next.code < 0x20 || next.code == 0x7F) {
      const char32_t picture = pictures + (next.code == 0x7F ? 0x21 : next.code);
      text += {'\xE2', '\x90', static_cast<char>(0x80 + (picture & 0x3FU))};
    } else if (in(blanks, next.code) && (at < first || at >= last)) {
      text += next.code == ' ' ? std::string(blank) : escaped(next.code);
    } else {
      text += printable(whole);
    }
    at += next.length;
  }
  return text;
}

}  // namespace

std::size_t display_width(std::string_view utf8) noexcept {
  std::size_t width = 0;
  while (!utf8.empty()) {
    const Decoded next = decode(utf8);
    width += width_of(next.code);
    utf8.remove_prefix(next.length);
  }
  return width;
}

std::string printable(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size());
  while (!bytes.empty()) {
    const Decoded next = decode(bytes);
    if (next.code == broken) {
      text += replacement;
    } else if (in(steering, next.code)) {
      text += escaped(next.code);
    } else {
      text += bytes.substr(0, next.length);
    }
    bytes.remove_prefix(next.length);
  }
  return text;
}

std::string as_it_came(std::string_view bytes) {
  const std::size_t first = std::min(bytes.find_first_not_of(' '), bytes.size());
  const std::size_t last = bytes.find_last_not_of(' ') + 1;  // 0 where there are only blanks
  return byte_for_byte(bytes, first, last);
}

std::string with_visible_blanks(std::string_view bytes) {
  return byte_for_byte(bytes, bytes.size(), 0);
}

std::string clipped(std::string_view utf8, std::size_t columns) {
  if (display_width(utf8) <= columns) return std::string(utf8);
  if (columns == 0) return {};
  std::size_t width = 1;  // the … itself
  std::size_t size = 0;
  while (size < utf8.size()) {
    const Decoded next = decode(utf8.substr(size));
    width += width_of(next.code);
    if (width > columns) break;
    size += next.length;
  }
  return std::string(utf8.substr(0, size)) + "…";
}

std::vector<std::string> folded(std::string_view utf8, std::size_t columns) {
  std::vector<std::string> lines;
  while (display_width(utf8) > columns) {
    std::size_t width = 0;
    std::size_t size = 0;
    std::size_t blank = 0;  // where the last one in this line stands
    while (size < utf8.size()) {
      const Decoded next = decode(utf8.substr(size));
      if (utf8[size] == ' ') blank = size;
      width += width_of(next.code);
      if (width > columns && size > 0) break;
      size += next.length;
    }
    const std::size_t end = blank > 0 ? blank : size;
    lines.emplace_back(utf8.substr(0, end));
    utf8.remove_prefix(blank > 0 ? blank + 1 : size);
  }
  lines.emplace_back(utf8);
  return lines;
}

bool is_utf8(std::string_view bytes) noexcept {
  while (!bytes.empty()) {
    const Decoded next = decode(bytes);
    if (next.code == broken) return false;
    bytes.remove_prefix(next.length);
  }
  return true;
}

}  // namespace xgate::cli
