// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

// MQTT's data types (1.5), for the codec only.
namespace xgate::mqtt::wire {

inline constexpr std::size_t text_limit = 65535;

/// Reads a packet's body. A read beyond the end gives zero or nothing and makes failed() true, so
/// that a sequence of reads needs one check at its end.
class Reader {
 public:
  explicit Reader(std::string_view bytes) noexcept : rest_(bytes) {}

  std::uint8_t u8() noexcept;
  std::uint16_t u16() noexcept;
  std::uint32_t u32() noexcept;
  std::uint32_t varint() noexcept;
  std::string_view bytes(std::size_t size) noexcept;
  std::string_view binary() noexcept;  ///< with its two bytes of length
  std::string_view text() noexcept;    ///< the same, and UTF-8 without NUL

  std::string_view rest() const noexcept { return rest_; }
  bool at_end() const noexcept { return rest_.empty(); }
  bool failed() const noexcept { return failed_; }
  void fail() noexcept;

 private:
  std::string_view rest_;
  bool failed_ = false;
};

/// UTF-8 as MQTT wants it (1.5.4): no surrogates, no overlong forms, no U+0000.
bool is_text(std::string_view text) noexcept;

void put_u8(std::string& out, std::uint8_t value);
void put_u16(std::string& out, std::uint16_t value);
void put_u32(std::string& out, std::uint32_t value);
void put_varint(std::string& out, std::uint32_t value);
void put_text(std::string& out, std::string_view text);  ///< also binary data

}  // namespace xgate::mqtt::wire
