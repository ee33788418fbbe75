// SPDX-License-Identifier: Apache-2.0
#include "service/script/cesu8.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace xgate::script {
namespace {

struct Decoded {
  char32_t code = 0;
  std::size_t length = 0;  ///< 0: no such sequence
};

/// One sequence of one to four bytes, surrogates let through.
Decoded decode(std::string_view text) {
  const auto byte = [&](std::size_t at) { return static_cast<std::uint8_t>(text[at]); };
  const std::uint8_t lead = byte(0);
  if (lead < 0x80) {
    return {lead, 1};
  }
  const std::size_t length = lead >= 0xF5   ? 0
                             : lead >= 0xF0 ? 4
                             : lead >= 0xE0 ? 3
                             : lead >= 0xC2 ? 2
                                            : 0;
  if (length == 0 || text.size() < length) {
    return {};
  }
  char32_t code = lead & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80) {
      return {};
    }
    code = code << 6U | (byte(i) & 0x3FU);
  }
  static constexpr std::array<char32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};
  return code < least.at(length) || code > 0x10FFFF ? Decoded{} : Decoded{code, length};
}

void append_three(std::string& text, char32_t code) {
  text += static_cast<char>(0xE0U | code >> 12U);
  text += static_cast<char>(0x80U | (code >> 6U & 0x3FU));
  text += static_cast<char>(0x80U | (code & 0x3FU));
}

void append_four(std::string& text, char32_t code) {
  text += static_cast<char>(0xF0U | code >> 18U);
  text += static_cast<char>(0x80U | (code >> 12U & 0x3FU));
  text += static_cast<char>(0x80U | (code >> 6U & 0x3FU));
  text += static_cast<char>(0x80U | (code & 0x3FU));
}

bool is_high(char32_t code) { return code >= 0xD800 && code < 0xDC00; }
bool is_low(char32_t code) { return code >= 0xDC00 && code < 0xE000; }

}  // namespace

std::string to_cesu8(std::string_view utf8) {
  std::string text;
  text.reserve(utf8.size());
  for (std::size_t at = 0; at < utf8.size();) {
    const Decoded one = decode(utf8.substr(at));
    if (one.length == 4) {
      const char32_t offset = one.code - 0x10000;
      append_three(text, 0xD800 + (offset >> 10U));
      append_three(text, 0xDC00 + (offset & 0x3FFU));
    } else {
      text.append(utf8, at, one.length == 0 ? 1 : one.length);
    }
    at += one.length == 0 ? 1 : one.length;
  }
  return text;
}

std::string from_cesu8(std::string_view cesu8) {
  constexpr std::string_view replacement = "\xEF\xBF\xBD";
  std::string text;
  text.reserve(cesu8.size());
  for (std::size_t at = 0; at < cesu8.size();) {
    const Decoded one = decode(cesu8.substr(at));
    if (one.length == 0) {
      text += replacement;
      ++at;
      continue;
    }
    at += one.length;
    if (is_high(one.code) && at < cesu8.size()) {
      const Decoded two = decode(cesu8.substr(at));
      if (is_low(two.code)) {
        append_four(text, 0x10000 + ((one.code - 0xD800) << 10U) + (two.code - 0xDC00));
        at += two.length;
        continue;
      }
    }
    if (is_high(one.code) || is_low(one.code)) {
      text += replacement;
    } else {
      text.append(cesu8, at - one.length, one.length);
    }
  }
  return text;
}

}  // namespace xgate::script
