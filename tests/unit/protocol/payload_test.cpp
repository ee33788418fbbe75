// SPDX-License-Identifier: Apache-2.0
#include "protocol/payload.hpp"

#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/json.hpp"
#include "vectors.hpp"

namespace xgate::protocol {
namespace {

using nlohmann::json;
using testing::HasSubstr;

const json report{{"deviceId", "10000001"}, {"power", 99}};

class Payloads : public testing::Test {
 protected:
  Example example;
  Aes aes;
  std::vector<SessionKey> keys{{2, "4655434B", 0x35, {}}, {1, "11223344", 0x20, {}}};
  PayloadContext context{true, false, {}, example.product_key_bytes(), example.secret(), keys};

  AesKey key_of(std::size_t index, KeyReading reading = KeyReading::text_product_key) {
    return derive_session_key(keys[index].session_id, keys[index].nonce, reading,
                              context.product_key, context.device_secret, aes)
        .value();
  }
  tl::expected<OpenedPayload, FrameRefusal> open(json payload, TopicName name = TopicName::uplink) {
    const Frame frame{7, row_of(name).header_ctrls[0], std::move(payload), "2.0"};
    return open_payload(frame, name, context, aes);
  }
  OpenedPayload opened(json payload, TopicName name = TopicName::uplink) {
    auto result = open(std::move(payload), name);
    EXPECT_TRUE(result) << result.error().reason;
    return result ? std::move(*result) : OpenedPayload{};
  }
  void expect_refused(json payload, std::string_view requirement, std::string_view reason,
                      TopicName name = TopicName::uplink) {
    SCOPED_TRACE(compact(payload));
    const auto result = open(std::move(payload), name);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().requirement, requirement);
    EXPECT_THAT(result.error().reason, HasSubstr(std::string(reason)));
    EXPECT_EQ(result.error().message_id, 7);
  }
};

TEST(PayloadRules, ENC_3_what_must_be_encrypted_is_listed) {
  const std::set<TopicName> encrypted{TopicName::uplink,       TopicName::property_report,
                                      TopicName::event_report, TopicName::history_report,
                                      TopicName::hex_report,   TopicName::config_report};
  for (const auto& row : topic_table()) {
    const auto expected = encrypted.contains(row.name)             ? PayloadRule::encrypted
                          : row.name == TopicName::firmware_report ? PayloadRule::either
                                                                   : PayloadRule::plain;
    EXPECT_EQ(payload_rule(row.name), expected) << to_string(row.name);
  }
}

TEST_F(Payloads, ENC_1_the_example_of_section_4_2_1_is_sealed) {
  const auto& vector = vectors().at("payload").at(0);
  const auto key = aes_key_from_hex(vector.at("session_key").get<std::string>()).value();
  EXPECT_EQ(seal_payload(report, key, aes), vector.at("ciphertext").get<std::string>());
}

TEST_F(Payloads, ENC_1_a_sealed_payload_opens) {
  const auto payload = opened(seal_payload(report, key_of(0), aes));
  EXPECT_EQ(payload.payload, report);
  EXPECT_TRUE(payload.was_encrypted);
  EXPECT_EQ(payload.key_index, 0U);
  EXPECT_EQ(payload.reading, KeyReading::text_product_key);
}

TEST_F(Payloads, TRACE_1_the_text_is_what_was_encrypted) {
  const std::string text = "{ \"power\": 99.0,\n\"deviceId\":\"10000001\"} ";
  const auto payload = opened(aes.encrypt_to_hex(key_of(0), text));
  EXPECT_EQ(payload.payload, report);
  EXPECT_EQ(payload.text, text);
}

TEST_F(Payloads, ENC_1_lower_case_hex_opens) {
  auto hex = seal_payload(report, key_of(0), aes).get<std::string>();
  for (auto& c : hex) c = static_cast<char>(std::tolower(c));
  EXPECT_EQ(opened(hex).payload, report);
}

TEST_F(Payloads, ENC_2_auto_finds_each_reading_and_tells_it) {
  for (const auto reading : all_key_readings()) {
    const auto payload = opened(seal_payload(report, key_of(0, reading), aes));
    EXPECT_EQ(payload.payload, report);
    EXPECT_EQ(payload.reading, reading);
    EXPECT_EQ(payload.key_index, 0U);
  }
}

TEST_F(Payloads, ENC_2_a_reading_that_the_device_was_seen_to_use_is_kept) {
  keys[0].reading = KeyReading::bytes_product_key;
  EXPECT_EQ(opened(seal_payload(report, key_of(0, KeyReading::bytes_product_key), aes)).payload,
            report);
  expect_refused(seal_payload(report, key_of(0, KeyReading::text_product_key), aes), "ENC-1", "");
}

TEST_F(Payloads, ENC_2_the_products_reading_is_the_only_one_tried) {
  context.product_reading = KeyReading::text_device_secret;
  EXPECT_EQ(opened(seal_payload(report, key_of(0, KeyReading::text_device_secret), aes)).payload,
            report);
  expect_refused(seal_payload(report, key_of(0), aes), "ENC-1", "");
}

TEST_F(Payloads, KEY_2_the_older_key_still_opens_and_is_told) {
  const auto payload = opened(seal_payload(report, key_of(1), aes));
  EXPECT_EQ(payload.payload, report);
  EXPECT_EQ(payload.key_index, 1U);
}

TEST_F(Payloads, KEY_2_a_key_that_is_no_longer_offered_does_not_open) {
  const auto old = seal_payload(report, key_of(1), aes);
  context.keys = std::span(keys).first(1);
  expect_refused(old, "ENC-1", "");
}

TEST_F(Payloads, ENC_5_answers_about_ciphertext_are_all_alike) {
  const auto good = seal_payload(report, key_of(0), aes).get<std::string>();
  auto bad_padding = good;
  bad_padding.back() = bad_padding.back() == '0' ? '1' : '0';
  std::set<std::string> reasons;
  for (const std::string& payload :
       {good.substr(1), good.substr(2), std::string("hello"), std::string(), bad_padding,
        seal_payload(report, AesKey{}, aes).get<std::string>(),
        aes.encrypt_to_hex(key_of(0), "not JSON"), aes.encrypt_to_hex(key_of(0), "")}) {
    const auto result = open(payload);
    ASSERT_FALSE(result) << payload;
    EXPECT_EQ(result.error().requirement, "ENC-1");
    reasons.insert(result.error().reason);
  }
  EXPECT_EQ(reasons.size(), 1U);
}

TEST_F(Payloads, ENC_4_a_plain_payload_of_an_encrypted_product_is_refused) {
  expect_refused(report, "ENC-4", "the product is encrypted");
  expect_refused(nullptr, "ENC-4", "the product is encrypted");
}

TEST_F(Payloads, ENC_4_accept_plaintext_lets_plain_payloads_through_and_encrypted_ones_too) {
  context.accept_plaintext = true;
  EXPECT_EQ(opened(report).payload, report);
  EXPECT_FALSE(opened(report).was_encrypted);
  EXPECT_EQ(opened("hello").payload, "hello");
  EXPECT_TRUE(opened(seal_payload(report, key_of(0), aes)).was_encrypted);
  // what has the form of a ciphertext and does not open is no text
  expect_refused(seal_payload(report, AesKey{}, aes), "ENC-1", "");
}

TEST_F(Payloads, ENC_3_a_plain_product_is_taken_as_it_is) {
  context.encrypted_product = false;
  EXPECT_EQ(opened(report).payload, report);
  const auto sealed = seal_payload(report, key_of(0), aes);
  EXPECT_EQ(opened(sealed).payload, sealed);
  EXPECT_FALSE(opened(sealed).was_encrypted);
}

TEST_F(Payloads, ENC_3_what_is_never_encrypted_is_taken_as_it_is) {
  EXPECT_EQ(opened("", TopicName::update_time).payload, "");
  EXPECT_EQ(opened("00F0", TopicName::hex_full).payload, "00F0");
  EXPECT_EQ(opened({{"Code", "200"}}, TopicName::downlink_ack).payload, json({{"Code", "200"}}));
}

TEST_F(Payloads, ENC_3_a_firmware_report_comes_either_way) {
  const json firmware{{"HardVer", "1"}, {"SoftVer", "2"}, {"Type", 2}};
  EXPECT_FALSE(opened(firmware, TopicName::firmware_report).was_encrypted);
  const auto sealed = opened(seal_payload(firmware, key_of(0), aes), TopicName::firmware_report);
  EXPECT_TRUE(sealed.was_encrypted);
  EXPECT_EQ(sealed.payload, firmware);
}

TEST_F(Payloads, AUTH_3_without_a_session_key_the_device_is_told_to_authenticate) {
  const auto sealed = seal_payload(report, key_of(0), aes);
  context.keys = {};
  expect_refused(sealed, "AUTH-3", "asks for authentication");
}

TEST_F(Payloads, ENC_1_a_decrypted_payload_is_as_bounded_as_any_json) {
  expect_refused(aes.encrypt_to_hex(key_of(0), std::string(1000, '[')), "ENC-1", "");
  expect_refused(aes.encrypt_to_hex(key_of(0), R"({"a":1,"a":2})"), "ENC-1", "");
}

TEST_F(Payloads, ENC_5_hex_text_is_what_is_encrypted) {
  const std::string hex = "00f0ff013FA00000";
  EXPECT_EQ(seal_hex_payload(hex, key_of(0), aes), aes.encrypt_to_hex(key_of(0), hex));
  const auto payload = opened(seal_hex_payload(hex, key_of(0), aes), TopicName::hex_report);
  EXPECT_EQ(payload.payload, hex);
  EXPECT_EQ(payload.text, '"' + hex + '"');
  EXPECT_EQ(payload.key_index, 0U);
}

TEST_F(Payloads, ENC_5_hex_text_in_quotation_marks_opens_too) {
  EXPECT_EQ(opened(seal_payload("00f0ff", key_of(0), aes), TopicName::hex_report).payload,
            "00f0ff");
}

TEST_F(Payloads, ENC_5_raw_bytes_open_as_hex_text) {
  keys[0].reading = KeyReading::text_product_key;
  context.keys = std::span(keys).first(1);
  const std::string bytes("\x00\xF0\xFF\x01", 4);
  const auto payload = opened(aes.encrypt_to_hex(key_of(0), bytes), TopicName::hex_report);
  EXPECT_EQ(payload.payload, "00F0FF01");
  EXPECT_EQ(payload.reading, KeyReading::text_product_key);
}

TEST_F(Payloads, ENC_5_raw_bytes_that_two_keys_unpad_are_not_guessed) {
  // Raw bytes prove a key by their padding alone, and one wrong key in 256 unpads too. Such a
  // message must never be taken for what the wrong key makes of it.
  int ambiguous = 0;
  for (int i = 0; i < 2000; ++i) {
    const std::string bytes{static_cast<char>(i >> 8), static_cast<char>(i), '\xFF'};
    const auto* raw = reinterpret_cast<const std::uint8_t*>(bytes.data());
    const auto result = open(aes.encrypt_to_hex(key_of(1), bytes), TopicName::hex_report);
    if (result) {
      EXPECT_EQ(result->payload, to_upper_hex({raw, bytes.size()}));
      EXPECT_EQ(result->key_index, 1U);
    } else {
      ++ambiguous;
    }
  }
  // seven wrong candidates at 1/256 each
  EXPECT_GT(ambiguous, 10);
  EXPECT_LT(ambiguous, 150);
}

TEST_F(Payloads, TOPIC_14_a_plain_hex_report_is_a_string_of_hex_digits) {
  context.encrypted_product = false;
  EXPECT_EQ(opened("00f0ff013FA00000", TopicName::hex_report).payload, "00f0ff013FA00000");
  for (const json& payload : {json("00f"), json("xx"), json(""), json(5), json::object()}) {
    expect_refused(payload, "TOPIC-14", "string of hex digits", TopicName::hex_report);
  }
}

TEST_F(Payloads, ENC_4_a_plain_hex_report_is_accepted_where_plaintext_is_whatever_its_length) {
  context.accept_plaintext = true;
  for (const std::size_t size : {std::size_t{16}, std::size_t{32}, std::size_t{64}}) {
    const std::string hex(size, 'A');
    EXPECT_EQ(opened(hex, TopicName::hex_report).payload, hex);
  }
  context.accept_plaintext = false;
  expect_refused("00F0", "ENC-1", "", TopicName::hex_report);
}

}  // namespace
}  // namespace xgate::protocol
