// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/load/reports.hpp"

#include <gtest/gtest.h>

#include "protocol/frame.hpp"
#include "protocol/json.hpp"
#include "protocol/session_key.hpp"

namespace xgate::benchmarks {
namespace {

using protocol::TopicName;

Device a_device() {
  return {.id = {"B0000001", "B0000002", "dev7"},
          .product_key = "00112233445566778899AABBCCDDEEFF",
          .device_secret = "0123456789ABCDEF0123456789ABCDEF",
          .session_id = "0A1B2C3D",
          .nonce = 0x42};
}

TEST(Reports, AreFramesThatTheProtocolAccepts) {
  protocol::Aes aes;
  const Device device = a_device();
  for (const auto& [kind, name] : {std::pair{Payload::plain, TopicName::uplink},
                                   {Payload::encrypted, TopicName::uplink},
                                   {Payload::model, TopicName::property_report},
                                   {Payload::hex, TopicName::hex_report}}) {
    const Reports reports(kind, {}, {});
    EXPECT_EQ(protocol::parse_topic(reports.topic(view(device.id)))->name, name);
    EXPECT_EQ(protocol::parse_topic(reports.ack_topic(view(device.id)))->name,
              protocol::row_of(name).ack);
    const auto key = reports.key(device, aes);
    ASSERT_TRUE(key);
    const auto frame = protocol::parse_frame(reports.frame(41, *key, aes), name);
    ASSERT_TRUE(frame) << frame.error().reason;
    EXPECT_EQ(frame->message_id, 41);
    EXPECT_EQ(frame->header_ctrl, protocol::row_of(name).header_ctrls.front());
  }
}

TEST(Reports, EncryptedOnesOpenWithTheSessionKey) {
  protocol::Aes aes;
  const Device device = a_device();
  const Reports reports(Payload::encrypted, R"({"n":{n}})", {});
  const auto key =
      protocol::derive_session_key("0A1B2C3D", 0x42, protocol::KeyReading::text_product_key,
                                   *protocol::aes_key_from_hex(device.product_key),
                                   *protocol::aes_key_from_hex(device.device_secret), aes);
  const auto frame =
      protocol::parse_frame(reports.frame(9, *reports.key(device, aes), aes), TopicName::uplink);
  ASSERT_TRUE(frame);
  EXPECT_EQ(aes.decrypt_hex(*key, frame->payload.get<std::string>()), R"({"n":9})");
  Device keyless = device;
  keyless.session_id.clear();
  EXPECT_FALSE(reports.key(keyless, aes));
}

TEST(Reports, ATopicOfOnesOwnNamesTheDevice) {
  const Reports reports(Payload::plain, "1", "a/{O}/{P}/{N}/{N}");
  EXPECT_EQ(reports.topic(view(a_device().id)), "a/B0000001/B0000002/dev7/dev7");
}

TEST(Reports, AnswersAreReadAsThePlatformWritesThem) {
  const Answer good = read_answer(protocol::build_ack(77, 4));
  EXPECT_EQ(good.message_id, 77U);
  EXPECT_TRUE(good.good);
  const Answer bad = read_answer(protocol::build_failure_ack(78, 4, "no"));
  EXPECT_EQ(bad.message_id, 78U);
  EXPECT_FALSE(bad.good);
  EXPECT_EQ(read_answer(R"({"MessageId":"text"})").message_id, 0U);
  EXPECT_EQ(read_answer("nonsense").message_id, 0U);
}

}  // namespace
}  // namespace xgate::benchmarks
