// SPDX-License-Identifier: Apache-2.0
#include "protocol/aes.hpp"

#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "vectors.hpp"

namespace xgate::protocol {
namespace {

// FIPS 197, appendix C.1
const AesKey fips_key = aes_key_from_hex("000102030405060708090A0B0C0D0E0F").value();
const std::string fips_plaintext = from_hex("00112233445566778899AABBCCDDEEFF").value();

TEST(Aes, the_first_block_is_that_of_fips_197) {
  Aes aes;
  EXPECT_EQ(aes.encrypt_to_hex(fips_key, fips_plaintext).substr(0, 32),
            "69C4E0D86A7B0430D8CDB78070B4C55A");
}

TEST(Aes, V2_1_the_worked_logins_come_out) {
  Aes aes;
  for (const auto& login : vectors().at("login")) {
    const auto key = aes_key_from_hex(login.at("device_secret").get<std::string>());
    ASSERT_TRUE(key);
    EXPECT_EQ(aes.encrypt_to_hex(*key, login.at("plaintext").get<std::string>()),
              login.at("password").get<std::string>());
  }
}

TEST(Aes, ENC_1_the_worked_payload_comes_out) {
  Aes aes;
  const auto& example = vectors().at("payload").at(0);
  const auto key = aes_key_from_hex(example.at("session_key").get<std::string>());
  const auto hex = aes.encrypt_to_hex(*key, example.at("plaintext").get<std::string>());
  EXPECT_EQ(hex, example.at("ciphertext").get<std::string>());
  EXPECT_TRUE(hex.starts_with(example.at("ciphertext_in_section").get<std::string>()));
}

TEST(Aes, every_length_round_trips_with_pkcs5_padding) {
  Aes aes;
  for (std::size_t size = 0; size <= 64; ++size) {
    const std::string text(size, 'x');
    const auto ciphertext = aes.encrypt(fips_key, text);
    EXPECT_EQ(ciphertext.size(), (size / 16 + 1) * 16);
    EXPECT_EQ(aes.decrypt(fips_key, ciphertext), text);
  }
}

TEST(Aes, a_key_does_not_leak_into_the_next_call) {
  Aes aes;
  const auto first = aes.encrypt(fips_key, "text");
  aes.encrypt(AesKey{}, "other");
  EXPECT_FALSE(aes.decrypt(AesKey{}, "not a block"));
  EXPECT_EQ(aes.encrypt(fips_key, "text"), first);
  EXPECT_EQ(aes.decrypt(fips_key, first), "text");
}

TEST(Aes, what_is_not_whole_blocks_or_wrongly_padded_does_not_decrypt) {
  Aes aes;
  const auto good = aes.encrypt(fips_key, "text");
  EXPECT_FALSE(aes.decrypt(fips_key, ""));
  EXPECT_FALSE(aes.decrypt(fips_key, good.substr(0, 15)));
  EXPECT_FALSE(aes.decrypt(fips_key, good + "x"));
  EXPECT_FALSE(aes.decrypt(fips_key, std::string(16, '\0')));
  // and the object is good for the next call
  EXPECT_EQ(aes.decrypt(fips_key, good), "text");
}

TEST(Aes, ENC_1_hex_of_either_case_decrypts_and_odd_or_foreign_characters_do_not) {
  Aes aes;
  auto hex = aes.encrypt_to_hex(fips_key, "text");
  EXPECT_EQ(aes.decrypt_hex(fips_key, hex), "text");
  for (auto& c : hex) c = static_cast<char>(std::tolower(c));
  EXPECT_EQ(aes.decrypt_hex(fips_key, hex), "text");
  EXPECT_FALSE(aes.decrypt_hex(fips_key, hex.substr(1)));
  hex[3] = 'g';
  EXPECT_FALSE(aes.decrypt_hex(fips_key, hex));
}

TEST(Aes, matches_is_exact) {
  Aes aes;
  const auto hex = aes.encrypt_to_hex(fips_key, "text");
  EXPECT_TRUE(aes.matches(fips_key, "text", hex));
  EXPECT_FALSE(aes.matches(fips_key, "texu", hex));
  EXPECT_FALSE(aes.matches(AesKey{}, "text", hex));
  EXPECT_FALSE(aes.matches(fips_key, "text", hex + "0"));
  EXPECT_FALSE(aes.matches(fips_key, "text", hex.substr(0, 31)));
  EXPECT_FALSE(aes.matches(fips_key, "text", ""));
  auto lower = hex;
  for (auto& c : lower) c = static_cast<char>(std::tolower(c));
  EXPECT_FALSE(aes.matches(fips_key, "text", lower));
}

TEST(Aes, matches_takes_up_to_255_bytes) {
  Aes aes;
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{15}, std::size_t{16}, std::size_t{255}}) {
    const std::string text(size, 'x');
    EXPECT_TRUE(aes.matches(fips_key, text, aes.encrypt_to_hex(fips_key, text))) << size;
  }
  const std::string too_long(256, 'x');
  EXPECT_FALSE(aes.matches(fips_key, too_long, aes.encrypt_to_hex(fips_key, too_long)));
}

TEST(Aes, it_can_be_moved) {
  Aes first;
  Aes second(std::move(first));
  EXPECT_EQ(second.encrypt_to_hex(fips_key, fips_plaintext).substr(0, 8), "69C4E0D8");
}

TEST(Hex, both_ways) {
  EXPECT_EQ(from_hex("00fF7a"), std::string("\x00\xFF\x7A", 3));
  EXPECT_EQ(from_hex(""), "");
  EXPECT_FALSE(from_hex("0"));
  EXPECT_FALSE(from_hex("0x"));
  const std::uint8_t bytes[] = {0x00, 0xFF, 0x7A};
  EXPECT_EQ(to_upper_hex(bytes), "00FF7A");
  EXPECT_TRUE(is_hex("0aF"));
  EXPECT_FALSE(is_hex(""));
  EXPECT_FALSE(is_hex("0a "));
  EXPECT_FALSE(is_hex(std::string("0\0", 2)));
}

TEST(Hex, a_key_is_32_digits) {
  EXPECT_TRUE(aes_key_from_hex("326086233fab8a96566796551eb1dff8"));
  EXPECT_EQ(aes_key_from_hex("326086233fab8a96566796551eb1dff8"),
            aes_key_from_hex("326086233FAB8A96566796551EB1DFF8"));
  EXPECT_FALSE(aes_key_from_hex("326086233FAB8A96566796551EB1DFF"));
  EXPECT_FALSE(aes_key_from_hex("326086233FAB8A96566796551EB1DFF8A"));
  EXPECT_FALSE(aes_key_from_hex("326086233FAB8A96566796551EB1DFFG"));
}

}  // namespace
}  // namespace xgate::protocol
