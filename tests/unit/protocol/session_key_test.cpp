// SPDX-License-Identifier: Apache-2.0
#include "protocol/session_key.hpp"

#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "vectors.hpp"

namespace xgate::protocol {
namespace {

class SessionKeys : public testing::Test {
 protected:
  const nlohmann::json& vector = vectors().at("session_key");
  AesKey product_key = aes_key_from_hex(vector.at("product_key").get<std::string>()).value();
  AesKey device_secret = aes_key_from_hex("326086233FAB8A96566796551EB1DFF8").value();
  Aes aes;

  std::string derive(const std::string& session_id, int nonce, KeyReading reading) {
    const auto key =
        derive_session_key(session_id, nonce, reading, product_key, device_secret, aes);
    return key ? to_upper_hex(*key) : "none";
  }
};

TEST_F(SessionKeys, ENC_2_both_readings_of_section_4_4_give_the_computed_keys) {
  EXPECT_EQ(derive(vector.at("session_id"), vector.at("nonce"), KeyReading::text_product_key),
            vector.at("text").get<std::string>());
  EXPECT_EQ(derive(vector.at("session_id"), vector.at("nonce"), KeyReading::bytes_product_key),
            vector.at("bytes").get<std::string>());
}

TEST_F(SessionKeys, ENC_2_the_readings_with_the_device_secret_use_it_as_the_key) {
  std::swap(product_key, device_secret);
  EXPECT_EQ(derive(vector.at("session_id"), vector.at("nonce"), KeyReading::text_device_secret),
            vector.at("text").get<std::string>());
  EXPECT_EQ(derive(vector.at("session_id"), vector.at("nonce"), KeyReading::bytes_device_secret),
            vector.at("bytes").get<std::string>());
}

TEST_F(SessionKeys, ENC_2_bytes_cannot_be_read_from_an_odd_or_foreign_text) {
  EXPECT_EQ(derive("4655434B", 4, KeyReading::bytes_product_key), "none");
  EXPECT_EQ(derive("4655434Z", 128, KeyReading::bytes_product_key), "none");
  // section 4.1's example: seven characters and a nonce of one digit
  EXPECT_NE(derive("3788433", 4, KeyReading::bytes_product_key), "none");
  EXPECT_NE(derive("4655434Z", 4, KeyReading::text_product_key), "none");
}

TEST_F(SessionKeys, ENC_2_a_nonce_is_written_without_padding) {
  EXPECT_EQ(
      derive("3788433", 4, KeyReading::text_product_key),
      to_upper_hex(std::span(
          reinterpret_cast<const std::uint8_t*>(aes.encrypt(product_key, "37884334").data()), 16)));
}

TEST_F(SessionKeys, ENC_2_a_long_text_gives_its_first_block) {
  EXPECT_EQ(derive(std::string(40, 'A'), 16, KeyReading::text_product_key),
            aes.encrypt_to_hex(product_key, std::string(40, 'A') + "10").substr(0, 32));
  EXPECT_EQ(derive("4655434B", -1, KeyReading::text_product_key), "none");
}

TEST(KeyReadings, ENC_2_have_names_and_an_order) {
  EXPECT_THAT(
      all_key_readings(),
      testing::ElementsAre(KeyReading::text_product_key, KeyReading::bytes_product_key,
                           KeyReading::text_device_secret, KeyReading::bytes_device_secret));
  for (const auto reading : all_key_readings()) {
    EXPECT_EQ(key_reading_from(to_string(reading)), reading);
  }
  EXPECT_EQ(to_string(KeyReading::bytes_device_secret), "bytes_device_secret");
  EXPECT_FALSE(key_reading_from("auto"));
}

TEST(NewKeys, ENC_2_nonces_have_two_decimal_digits_in_hex) {
  std::set<int> seen;
  for (int i = 0; i < 5000; ++i) {
    const int nonce = new_nonce();
    ASSERT_GE(nonce, 0x10);
    ASSERT_LE(nonce, 0x79);
    ASSERT_LE(nonce % 16, 9);
    seen.insert(nonce);
  }
  EXPECT_EQ(seen.size(), 70U);  // missing one of 70 in 5000 draws: 5e-30
}

TEST(NewKeys, ENC_2_session_ids_are_8_upper_case_hex_digits_and_new) {
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    const auto id = new_session_id();
    EXPECT_THAT(id, testing::MatchesRegex("[0-9A-F]{8}"));
    seen.insert(id);
  }
  EXPECT_GT(seen.size(), 98U);
}

TEST(NewKeys, ID_1_ID_2_ID_4_ids_and_keys_are_upper_case_and_new) {
  EXPECT_THAT(new_hex_id(), testing::MatchesRegex("[0-9A-F]{8}"));
  EXPECT_THAT(new_device_secret(), testing::MatchesRegex("[0-9A-F]{32}"));
  EXPECT_THAT(new_product_key(), testing::MatchesRegex("[0-9A-F]{32}"));
  EXPECT_NE(new_device_secret(), new_device_secret());
  EXPECT_NE(new_product_key(), new_product_key());
}

}  // namespace
}  // namespace xgate::protocol
