// SPDX-License-Identifier: Apache-2.0
#include "protocol/siphash.hpp"

#include <string>

#include <gtest/gtest.h>

namespace xgate::protocol {
namespace {

SipHash::Key counting_key() {
  SipHash::Key key{};
  for (std::size_t i = 0; i < key.size(); ++i) key.at(i) = static_cast<std::uint8_t>(i);
  return key;
}

// The authors' vectors: key 00 01 … 0F, text 00 01 … of each length.
TEST(SipHash, is_the_published_function) {
  std::string text;
  const auto of = [&] { return SipHash(counting_key()).bytes(text).value(); };
  EXPECT_EQ(of(), 0x726FDB47DD0E0E31ULL);
  text.push_back('\0');
  EXPECT_EQ(of(), 0x74F839C593DC67FDULL);
  for (char c = 1; c < 8; ++c) text.push_back(c);
  EXPECT_EQ(of(), 0x93F5F5799A932462ULL);
  for (char c = 8; c < 15; ++c) text.push_back(c);
  EXPECT_EQ(of(), 0xA129CA6149BE45E5ULL);
}

TEST(SipHash, keeps_parts_apart_and_keys_too) {
  const auto of = [](const SipHash::Key& key, std::string_view one, std::string_view other) {
    return (SipHash(key) << one << other).value();
  };
  EXPECT_NE(of(counting_key(), "ab", "c"), of(counting_key(), "a", "bc"));
  EXPECT_NE(of(counting_key(), "ab", "c"), of({}, "ab", "c"));
  EXPECT_EQ(of(counting_key(), "ab", "c"), of(counting_key(), "ab", "c"));
}

}  // namespace
}  // namespace xgate::protocol
