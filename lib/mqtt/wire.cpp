// SPDX-License-Identifier: Apache-2.0
#include "mqtt/wire.hpp"

namespace xgate::mqtt::wire {

void Reader::fail() noexcept {
  failed_ = true;
  rest_ = {};
}

std::string_view Reader::bytes(std::size_t size) noexcept {
  if (size > rest_.size()) {
    fail();
    return {};
  }
  const std::string_view taken = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return taken;
}

std::uint8_t Reader::u8() noexcept {
  const std::string_view one = bytes(1);
  return one.empty() ? 0 : static_cast<std::uint8_t>(one[0]);
}

std::uint16_t Reader::u16() noexcept {
  const std::string_view two = bytes(2);
  if (two.empty()) return 0;
  return static_cast<std::uint16_t>((static_cast<std::uint8_t>(two[0]) << 8) |
                                    static_cast<std::uint8_t>(two[1]));
}

std::uint32_t Reader::u32() noexcept {
  const std::uint32_t high = u16();
  return (high << 16) | u16();
}

std::uint32_t Reader::varint() noexcept {
  std::uint32_t value = 0;
  for (int shift = 0; shift < 28; shift += 7) {
    const std::uint8_t byte = u8();
    value |= static_cast<std::uint32_t>(byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) return value;
  }
  fail();
  return 0;
}

std::string_view Reader::binary() noexcept { return bytes(u16()); }

std::string_view Reader::text() noexcept {
  const std::string_view text = binary();
  if (is_text(text)) return text;
  fail();
  return {};
}

namespace {

/// The length of the well-formed character that `text` begins with, 0 where there is none.
std::size_t character_length(std::string_view text) noexcept {
  const auto at = [text](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t first = at(0);
  if (first < 0x80) return first == 0 ? 0 : 1;
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((at(i) & 0xc0) != 0x80) return 0;
  const std::uint8_t second = at(1);
  const bool overlong = (first == 0xe0 && second < 0xa0) || (first == 0xf0 && second < 0x90);
  const bool surrogate = first == 0xed && second >= 0xa0;
  const bool beyond = first == 0xf4 && second >= 0x90;
  return overlong || surrogate || beyond ? 0 : length;
}

}  // namespace

bool is_text(std::string_view text) noexcept {
  while (!text.empty()) {
    const std::size_t length = character_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

void put_u8(std::string& out, std::uint8_t value) { out.push_back(static_cast<char>(value)); }

void put_u16(std::string& out, std::uint16_t value) {
  put_u8(out, static_cast<std::uint8_t>(value >> 8));
  put_u8(out, static_cast<std::uint8_t>(value & 0xff));
}

void put_u32(std::string& out, std::uint32_t value) {
  put_u16(out, static_cast<std::uint16_t>(value >> 16));
  put_u16(out, static_cast<std::uint16_t>(value & 0xffff));
}

void put_varint(std::string& out, std::uint32_t value) {
  for (; value >= 0x80; value >>= 7) put_u8(out, static_cast<std::uint8_t>(0x80 | (value & 0x7f)));
  put_u8(out, static_cast<std::uint8_t>(value));
}

void put_text(std::string& out, std::string_view text) {
  put_u16(out, static_cast<std::uint16_t>(text.size()));
  out.append(text);
}

}  // namespace xgate::mqtt::wire
