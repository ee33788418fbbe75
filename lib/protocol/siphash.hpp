// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace xgate::protocol {

/// SipHash-2-4 of a text, fed in parts. Who does not know the key cannot make texts that meet in a
/// table. A part ends with its length, so that "ab" and "c" are not "a" and "bc".
class SipHash {
 public:
  using Key = std::array<std::uint8_t, 16>;
  explicit SipHash(const Key& key) noexcept;

  SipHash& bytes(std::string_view text) noexcept;  ///< nothing but these
  SipHash& operator<<(std::string_view part) noexcept;
  SipHash& operator<<(std::uint64_t number) noexcept;
  std::uint64_t value() noexcept;  ///< ends it

 private:
  void add(std::uint8_t byte) noexcept;
  void compress(std::uint64_t word) noexcept;
  void round() noexcept;

  std::uint64_t v0_;
  std::uint64_t v1_;
  std::uint64_t v2_;
  std::uint64_t v3_;
  std::uint64_t word_ = 0;
  std::uint64_t size_ = 0;
};

}  // namespace xgate::protocol
