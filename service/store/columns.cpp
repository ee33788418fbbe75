// SPDX-License-Identifier: Apache-2.0
#include "service/store/columns.hpp"

#include <cstdint>
#include <cstring>

namespace xgate::store {
namespace {

/// The length of the well-formed UTF-8 sequence at the start of `text`, 0 where there is none.
std::size_t sequence_length(std::string_view text) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) {
    return first == 0 ? 0 : 1;
  }
  std::size_t length = 0;
  unsigned char low = 0x80;
  unsigned char high = 0xBF;
  if (first >= 0xC2 && first <= 0xDF) {
    length = 2;
  } else if (first >= 0xE0 && first <= 0xEF) {
    length = 3;
    low = first == 0xE0 ? 0xA0 : low;    // no overlong forms
    high = first == 0xED ? 0x9F : high;  // no surrogates
  } else if (first >= 0xF0 && first <= 0xF4) {
    length = 4;
    low = first == 0xF0 ? 0x90 : low;
    high = first == 0xF4 ? 0x8F : high;
  } else {
    return 0;
  }
  if (text.size() < length || byte(1) < low || byte(1) > high) {
    return 0;
  }
  for (std::size_t i = 2; i < length; ++i) {
    if (byte(i) < 0x80 || byte(i) > 0xBF) {
      return 0;
    }
  }
  return length;
}

/// How much of its front is ASCII without NUL, in steps of eight bytes at a time.
std::size_t ascii_length(std::string_view text) noexcept {
  constexpr std::uint64_t ones = 0x0101010101010101;
  constexpr std::uint64_t highs = 0x8080808080808080;
  std::size_t length = 0;
  for (; length + 8 <= text.size(); length += 8) {
    std::uint64_t eight = 0;
    std::memcpy(&eight, text.data() + length, sizeof eight);
    // a byte that is NUL borrows, one beyond ASCII has its high bit already
    if (((eight | (eight - ones)) & highs) != 0) {
      break;
    }
  }
  return length;
}

}  // namespace

bool is_storable(std::string_view text) noexcept {
  while (!text.empty()) {
    text.remove_prefix(ascii_length(text));
    if (text.empty()) {
      return true;
    }
    const std::size_t length = sequence_length(text);
    if (length == 0) {
      return false;
    }
    text.remove_prefix(length);
  }
  return true;
}

std::string id_array(std::span<const std::int64_t> ids) {
  pg::ArrayBuilder column;
  for (const std::int64_t id : ids) {
    column.add(id);
  }
  return column.take();
}

std::string storable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = sequence_length(text);
    if (length == 0) {
      out += "\xEF\xBF\xBD";
      text.remove_prefix(1);
    } else {
      out.append(text.substr(0, length));
      text.remove_prefix(length);
    }
  }
  return out;
}

}  // namespace xgate::store
