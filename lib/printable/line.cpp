// SPDX-License-Identifier: Apache-2.0
#include "printable/line.hpp"

#include <algorithm>
#include <cstdint>

#include "printable/characters.hpp"

namespace xgate::printable {
namespace {

constexpr std::string_view digits = "0123456789abcdef";

void append_hex(std::string& out, std::uint32_t value, unsigned width) {
  for (unsigned left = width; left > 0; --left) out += digits[value >> 4U * (left - 1) & 0xFU];
}

void append_unit(std::string& out, std::uint32_t unit) {
  out += "\\u";
  append_hex(out, unit, 4);
}

void append_byte(std::string& out, char byte) {
  out += "\\x";
  append_hex(out, static_cast<std::uint8_t>(byte), 2);
}

/// ASCII, which most is, without a look at the table.
bool is_plain(char c) noexcept { return c >= ' ' && c <= '~'; }

/// Escapes what is not printable, unless `kept` says otherwise of a text that begins with it.
template <class Kept, class Broken>
std::string escaped(std::string_view text, Kept kept, Broken broken) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto* end = std::ranges::find_if_not(text, is_plain);
    const auto plain = static_cast<std::size_t>(end - text.begin());
    out += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.empty()) break;
    const Character next = first_character(text);
    if (next.code == Character::broken) {
      broken(out, text.front());
    } else if (is_printable(next.code) || kept(text)) {
      out += text.substr(0, next.length);
    } else {
      out += escape(next.code);
    }
    text.remove_prefix(next.length);
  }
  return out;
}

}  // namespace

Line::Line(std::string_view bytes)
    : text_(escaped(
          bytes, [](std::string_view) { return false; }, append_byte)) {}

Line quoted(std::string_view value, std::size_t most) {
  std::string text = "\"";
  std::size_t size = 0;
  while (size < value.size()) {
    const std::size_t length = first_character(value.substr(size)).length;
    if (size + length > most) break;
    if (value[size] == '"' || value[size] == '\\') text += '\\';
    text += value.substr(size, length);
    size += length;
  }
  text += '"';
  if (size < value.size()) text += "…";
  return text;
}

std::string escape(char32_t code) {
  std::string text;
  if (code <= 0xFFFF) {
    append_unit(text, code);
  } else {
    const std::uint32_t rest = code - 0x10000;
    append_unit(text, 0xD800U + (rest >> 10U));
    append_unit(text, 0xDC00U + (rest & 0x3FFU));
  }
  return text;
}

std::string json(std::string_view text) {
  return escaped(
      text, [](std::string_view rest) { return rest.front() == '\n'; },
      [](std::string& out, char) { out += "\uFFFD"; });
}

std::string document(std::string_view text) {
  return escaped(
      text,
      [](std::string_view rest) {
        return rest.front() == '\n' || rest.front() == '\t' || rest.starts_with("\r\n");
      },
      append_byte);
}

}  // namespace xgate::printable
