// SPDX-License-Identifier: Apache-2.0
#include "protocol/siphash.hpp"

#include <bit>

namespace xgate::protocol {
namespace {

std::uint64_t little_endian(const std::uint8_t* bytes) noexcept {
  std::uint64_t word = 0;
  for (unsigned i = 0; i < 8; ++i) word |= static_cast<std::uint64_t>(bytes[i]) << (8 * i);
  return word;
}

}  // namespace

SipHash::SipHash(const Key& key) noexcept
    : v0_(little_endian(key.data()) ^ 0x736F6D6570736575ULL),
      v1_(little_endian(key.data() + 8) ^ 0x646F72616E646F6DULL),
      v2_(little_endian(key.data()) ^ 0x6C7967656E657261ULL),
      v3_(little_endian(key.data() + 8) ^ 0x7465646279746573ULL) {}

void SipHash::round() noexcept {
  v0_ += v1_;
  v1_ = std::rotl(v1_, 13) ^ v0_;
  v0_ = std::rotl(v0_, 32);
  v2_ += v3_;
  v3_ = std::rotl(v3_, 16) ^ v2_;
  v0_ += v3_;
  v3_ = std::rotl(v3_, 21) ^ v0_;
  v2_ += v1_;
  v1_ = std::rotl(v1_, 17) ^ v2_;
  v2_ = std::rotl(v2_, 32);
}

void SipHash::compress(std::uint64_t word) noexcept {
  v3_ ^= word;
  round();
  round();
  v0_ ^= word;
}

void SipHash::add(std::uint8_t byte) noexcept {
  word_ |= static_cast<std::uint64_t>(byte) << (8 * (size_ % 8));
  if (++size_ % 8 == 0) {
    compress(word_);
    word_ = 0;
  }
}

SipHash& SipHash::bytes(std::string_view text) noexcept {
  for (const char c : text) add(static_cast<std::uint8_t>(c));
  return *this;
}

SipHash& SipHash::operator<<(std::string_view part) noexcept {
  return bytes(part) << static_cast<std::uint64_t>(part.size());
}

SipHash& SipHash::operator<<(std::uint64_t number) noexcept {
  for (unsigned i = 0; i < 8; ++i) add(static_cast<std::uint8_t>(number >> (8 * i)));
  return *this;
}

std::uint64_t SipHash::value() noexcept {
  compress(word_ | size_ << 56U);
  v2_ ^= 0xFF;
  for (int i = 0; i < 4; ++i) round();
  return v0_ ^ v1_ ^ v2_ ^ v3_;
}

}  // namespace xgate::protocol
