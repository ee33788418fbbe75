// SPDX-License-Identifier: Apache-2.0
#include "service/flows/command_frame.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace xgate::flows {
namespace {

using nlohmann::json;

store::SessionKeyRow key(std::int64_t id, bool used, std::int64_t issued_ms) {
  store::SessionKeyRow row;
  row.key = {.id = id, .session_id = "4655434B", .nonce = 0x42, .reading = {}};
  row.used = used;
  row.issued_at_ms = issued_ms;
  return row;
}

std::int64_t chosen(const std::vector<store::SessionKeyRow>& keys, std::int64_t online_ms) {
  const auto* row = sealing_key(keys, online_ms);
  return row == nullptr ? 0 : row->key.id;
}

TEST(SealingKey, is_the_newest_that_the_device_uses_or_will_use) {
  EXPECT_EQ(chosen({}, 100), 0);
  EXPECT_EQ(chosen({key(1, true, 10)}, 100), 1);
  EXPECT_EQ(chosen({key(2, false, 50), key(1, true, 10)}, 100), 2) << "it asked, then logged in";
  EXPECT_EQ(chosen({key(2, false, 150), key(1, true, 10)}, 100), 1) << "asked for meanwhile";
  auto update = key(2, false, 50);
  update.by_update = true;
  EXPECT_EQ(chosen({update, key(1, true, 10)}, 100), 1) << "Command 3 was not sent yet";
  update.told = true;
  EXPECT_EQ(chosen({update, key(1, true, 10)}, 100), 2);
  EXPECT_EQ(chosen({key(1, false, 150)}, 100), 0);
}

store::DueCommand command(std::string payload, bool encrypt) {
  store::DueCommand due;
  due.topic = protocol::TopicName::downlink;
  due.header_ctrl = 7;
  due.message_id = 1073741824;
  due.payload = std::move(payload);
  due.encrypt = encrypt;
  return due;
}

const store::Sealing sealing{.product_key = "DB6FACEF35BEBA0517712F0E4BE32936",
                             .device_secret = "326086233FAB8A96566796551EB1DFF8",
                             .product_reading = {},
                             .online_since_ms = 100};

TEST(CommandFrame, plain_is_the_payload_as_it_is) {
  protocol::Aes aes;
  EXPECT_EQ(command_frame(command(R"({"data":1})", false), {}, sealing, aes),
            R"({"MessageId":1073741824,"HeaderCtrl":7,"Payload":{"data":1},"Version":"2.0"})");
}

TEST(CommandFrame, ENC_3_encrypts_with_the_reading_that_the_device_follows) {
  protocol::Aes aes;
  for (const auto reading : protocol::all_key_readings()) {
    auto row = key(1, true, 10);
    row.key.reading = reading;
    const auto text = command_frame(command(R"({"data":1})", true), {&row, 1}, sealing, aes);
    ASSERT_TRUE(text);
    const auto session_key =
        protocol::derive_session_key(row.key.session_id, row.key.nonce, reading,
                                     *protocol::aes_key_from_hex(sealing.product_key),
                                     *protocol::aes_key_from_hex(sealing.device_secret), aes);
    const std::string payload = json::parse(*text).at("Payload");
    EXPECT_EQ(aes.decrypt_hex(*session_key, payload), R"({"data":1})");
  }
}

TEST(CommandFrame, ENC_5_of_hex_the_text_itself_is_encrypted) {
  protocol::Aes aes;
  auto row = key(1, true, 10);
  row.key.reading = protocol::KeyReading::text_product_key;
  auto due = command(R"("0101AB")", true);
  due.topic = protocol::TopicName::hex_downlink;
  const auto text = command_frame(due, {&row, 1}, sealing, aes);
  ASSERT_TRUE(text);
  const auto session_key =
      protocol::derive_session_key(row.key.session_id, row.key.nonce, *row.key.reading,
                                   *protocol::aes_key_from_hex(sealing.product_key),
                                   *protocol::aes_key_from_hex(sealing.device_secret), aes);
  const std::string payload = json::parse(*text).at("Payload");
  EXPECT_EQ(aes.decrypt_hex(*session_key, payload), "0101AB");
}

TEST(CommandFrame, KEY_1_command_3_is_made_of_its_key_and_tells_it) {
  protocol::Aes aes;
  std::vector keys{key(9, false, 50), key(8, true, 10)};
  keys[0].by_update = true;
  auto due = command("", false);
  due.kind = protocol::CommandKind::key_update;
  due.header_ctrl = 3;
  due.session_key_id = 9;
  EXPECT_EQ(chosen(keys, 100), 8);
  EXPECT_EQ(command_frame(due, keys, sealing, aes),
            R"({"MessageId":1073741824,"HeaderCtrl":3,)"
            R"("Payload":{"SessionID":"4655434B","Nonce":66},"Version":"2.0"})");
  EXPECT_EQ(chosen(keys, 100), 9) << "what is encrypted after it is for the new key";
  due.session_key_id = 8;
  EXPECT_FALSE(command_frame(due, keys, sealing, aes)) << "it is in use";
  due.session_key_id = 7;
  EXPECT_FALSE(command_frame(due, keys, sealing, aes)) << "it is gone";
}

TEST(CommandFrame, nothing_without_a_key) {
  protocol::Aes aes;
  EXPECT_FALSE(command_frame(command("{}", true), {}, sealing, aes));
}

}  // namespace
}  // namespace xgate::flows
