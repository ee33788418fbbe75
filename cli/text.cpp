// SPDX-License-Identifier: Apache-2.0
#include "cli/text.hpp"

#include <algorithm>
#include <array>

#include "printable/characters.hpp"

namespace xgate::cli {
namespace {

using printable::Character;
using printable::first_character;
using printable::Line;

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
    {{0x0300, 0x036F}, {0x1AB0, 0x1AFF}, {0x200C, 0x200D}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}}};

constexpr std::array<CodeRange, 6> blanks{{{0x20, 0x20},
                                           {0xA0, 0xA0},
                                           {0x2000, 0x200D},
                                           {0x202F, 0x202F},
                                           {0x3000, 0x3000},
                                           {0xFEFF, 0xFEFF}}};

std::size_t width_of(char32_t code) noexcept {
  if (in(combining, code)) return 0;
  return in(wide, code) ? 2 : 1;
}

/// as_it_came(), with the blanks seen that stand before `first` or from `last` on.
Line byte_for_byte(std::string_view bytes, std::size_t first, std::size_t last) {
  constexpr char32_t pictures = 0x2400;
  constexpr std::string_view blank = "␣";
  std::string text;
  for (std::size_t at = 0; at < bytes.size();) {
    const Character next = first_character(bytes.substr(at));
    if (next.code < 0x20 || next.code == 0x7F) {
      const char32_t picture = pictures + (next.code == 0x7F ? 0x21 : next.code);
      text += {'\xE2', '\x90', static_cast<char>(0x80 + (picture & 0x3FU))};
    } else if (in(blanks, next.code) && (at < first || at >= last)) {
      text += next.code == ' ' ? std::string(blank) : printable::escape(next.code);
    } else {
      text += bytes.substr(at, next.length);
    }
    at += next.length;
  }
  return text;
}

}  // namespace

std::size_t display_width(std::string_view utf8) noexcept {
  std::size_t width = 0;
  while (!utf8.empty()) {
    const Character next = first_character(utf8);
    width += width_of(next.code);
    utf8.remove_prefix(next.length);
  }
  return width;
}

Line as_it_came(std::string_view bytes) {
  const std::size_t first = std::min(bytes.find_first_not_of(' '), bytes.size());
  const std::size_t last = bytes.find_last_not_of(' ') + 1;  // 0 where there are only blanks
  return byte_for_byte(bytes, first, last);
}

Line with_visible_blanks(std::string_view bytes) { return byte_for_byte(bytes, bytes.size(), 0); }

Line clipped(const Line& line, std::size_t columns) {
  const std::string_view text = line.text();
  if (display_width(text) <= columns) return line;
  if (columns == 0) return {};
  std::size_t width = 1;  // the … itself
  std::size_t size = 0;
  while (size < text.size()) {
    const Character next = first_character(text.substr(size));
    width += width_of(next.code);
    if (width > columns) break;
    size += next.length;
  }
  return Line(text.substr(0, size)) + "…";
}

std::vector<Line> folded(const Line& line, std::size_t columns) {
  std::vector<Line> lines;
  std::string_view text = line.text();
  while (display_width(text) > columns) {
    std::size_t width = 0;
    std::size_t size = 0;
    std::size_t blank = 0;  // where the last one in this line stands
    while (size < text.size()) {
      const Character next = first_character(text.substr(size));
      if (text[size] == ' ') blank = size;
      width += width_of(next.code);
      if (width > columns && size > 0) break;
      size += next.length;
    }
    const std::size_t end = blank > 0 ? blank : size;
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(blank > 0 ? blank + 1 : size);
  }
  lines.emplace_back(text);
  return lines;
}

}  // namespace xgate::cli
