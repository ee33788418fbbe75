// SPDX-License-Identifier: Apache-2.0
#include "protocol/frame.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/json.hpp"

namespace xgate::protocol {
namespace {

using nlohmann::json;
using testing::HasSubstr;

constexpr auto uplink = TopicName::uplink;

FrameRefusal refusal_of(std::string_view bytes, TopicName name = uplink) {
  auto frame = parse_frame(bytes, name);
  EXPECT_FALSE(frame) << bytes;
  return frame ? FrameRefusal{} : std::move(frame.error());
}

void expect_refused(std::string_view bytes, std::string_view requirement, std::string_view reason,
                    TopicName name = uplink) {
  SCOPED_TRACE(bytes);
  const auto refusal = refusal_of(bytes, name);
  EXPECT_EQ(refusal.requirement, requirement);
  EXPECT_THAT(refusal.reason, HasSubstr(std::string(reason)));
}

TEST(Frame, FRAME_1_a_message_is_read_whatever_the_order) {
  const auto frame = parse_frame(
      R"({"Version":"2.0","Payload":{"power" :99,"deviceId":"10000001"},"HeaderCtrl":4,"MessageId":1231})",
      uplink);
  ASSERT_TRUE(frame) << frame.error().reason;
  EXPECT_EQ(frame->message_id, 1231);
  EXPECT_EQ(frame->header_ctrl, 4);
  EXPECT_EQ(compact(frame->payload), R"({"deviceId":"10000001","power":99})");
  EXPECT_EQ(frame->payload_text, R"({"power" :99,"deviceId":"10000001"})") << "as it came";
  EXPECT_EQ(frame->version, "2.0");
}

TEST(Frame, FRAME_1_unknown_members_are_ignored_and_any_payload_is_taken) {
  for (const auto& payload : std::vector<std::string>{"\"\"", "null", "[1]", "5", "{}"}) {
    const auto frame = parse_frame(R"({"MessageId":1,"HeaderCtrl":29,"x":{"y":1},"Payload":)" +
                                       payload + R"(,"Version":"2.0"})",
                                   TopicName::update_time);
    ASSERT_TRUE(frame) << frame.error().reason;
    EXPECT_EQ(compact(frame->payload), payload);
  }
}

TEST(Frame, FRAME_1_what_is_no_json_object_is_refused) {
  expect_refused("", "FRAME-1", "not JSON");
  expect_refused("[]", "FRAME-1", "not a JSON object");
  expect_refused("\"00f0\"", "FRAME-1", "not a JSON object");
  expect_refused("{\"MessageId\":1", "FRAME-1", "not JSON");
  expect_refused(std::string(100'000, '['), "FRAME-1", "nested deeper");
  expect_refused(R"({"MessageId":18446744073709551616})", "FRAME-1", "64 bits");
  expect_refused(R"({"MessageId":1,"MessageId":2})", "FRAME-1", "twice");
  expect_refused(std::string("{}\0", 3), "FRAME-1", "NUL");
  expect_refused("{\"MessageId\":\"\xFF\"}", "FRAME-1", "UTF-8");
  expect_refused('"' + std::string(300'000, 'x') + '"', "FRAME-1", "longer than");
  EXPECT_FALSE(refusal_of("[]").message_id);
}

TEST(Frame, FRAME_1_a_missing_payload_is_refused) {
  const auto refusal = refusal_of(R"({"MessageId":7,"HeaderCtrl":4,"Version":"2.0"})");
  EXPECT_EQ(refusal.requirement, "FRAME-1");
  EXPECT_EQ(refusal.reason, "Payload is missing");
  EXPECT_EQ(refusal.message_id, 7);
}

TEST(Frame, FRAME_2_a_message_id_keeps_its_value_and_type) {
  for (const auto& id : std::vector<std::string>{
           "1231", "\"1231\"", "\"\"", "0", "-5", "18446744073709551615", "-9223372036854775808",
           "\"消息\"", "1.0", "1e3", "1.796006251661e12", "-0", "7.000", "1E300"}) {
    const auto frame = parse_frame(
        R"({"MessageId":)" + id + R"(,"HeaderCtrl":4,"Payload":{},"Version":"2.0"})", uplink);
    ASSERT_TRUE(frame) << frame.error().reason;
    EXPECT_EQ(build_ack(frame->message_id, 4),
              R"({"MessageId":)" + id +
                  R"(,"HeaderCtrl":4,"Payload":{"Code":"200","Msg":"SUCCESS"},"Version":"2.0"})");
  }
}

TEST(Frame, FRAME_2_any_other_message_id_is_refused_and_cannot_be_answered) {
  for (const auto& id : std::vector<std::string>{"1.5", "null", "true", "{}", "[1]", "1e-3"}) {
    const auto bytes = R"({"MessageId":)" + id + R"(,"HeaderCtrl":4,"Payload":{},"Version":"2.0"})";
    expect_refused(bytes, "FRAME-2", "neither a string nor a whole number");
    EXPECT_FALSE(refusal_of(bytes).message_id);
    EXPECT_EQ(refusal_of(bytes).header_ctrl, 4);
  }
  expect_refused(R"({"HeaderCtrl":4,"Payload":{},"Version":"2.0"})", "FRAME-2", "is missing");
}

TEST(Frame, FRAME_2_a_message_id_of_up_to_256_bytes_is_read) {
  const auto with_id = [](std::size_t size) {
    return R"({"MessageId":")" + std::string(size, 'i') +
           R"(","HeaderCtrl":4,"Payload":{},"Version":"2.0"})";
  };
  EXPECT_TRUE(parse_frame(with_id(256), uplink));
  expect_refused(with_id(257), "FRAME-2", "longer than 256 bytes");
  EXPECT_FALSE(refusal_of(with_id(257)).message_id);
  expect_refused(R"({"HeaderCtrl":4,"MessageId":1.)" + std::string(300, '0') + "}", "FRAME-2",
                 "longer than 256");
}

TEST(Frame, FRAME_3_header_ctrl_is_a_whole_number_however_it_is_written) {
  for (const std::string number : {"4", "4.0", "4e0", "0.4e1"}) {
    const auto frame = parse_frame(
        R"({"MessageId":1,"HeaderCtrl":)" + number + R"(,"Payload":{},"Version":"2.0"})", uplink);
    ASSERT_TRUE(frame) << number << frame.error().reason;
    EXPECT_EQ(frame->header_ctrl, 4);
  }
  expect_refused(R"({"MessageId":1,"HeaderCtrl":4.5})", "FRAME-3", "not a whole number");
}

TEST(Frame, FRAME_5_no_answer_under_a_number_that_was_not_sent) {
  for (const std::string number : {"0012", "0x10", "1_000", "7x", "-", "1.", "01", "7\"", "1e",
                                   "+7", "12"}) {  // the last is cut off: it may have been 123
    const auto end = number == "12" ? "" : R"(,"HeaderCtrl":4,"Payload":{},"Version":"2.0"})";
    const auto refusal = refusal_of(R"({"MessageId":)" + number + end);
    EXPECT_EQ(refusal.requirement, "FRAME-1");
    EXPECT_FALSE(refusal.message_id) << number << " as " << refusal.message_id.text();
  }
}

TEST(Frame, FRAME_3_header_ctrl_must_fit_the_topic) {
  for (const auto& row : topic_table()) {
    if (row.name == TopicName::hex_full) continue;
    for (int command = 0; command <= 40; ++command) {
      const auto frame = parse_frame(R"({"MessageId":1,"HeaderCtrl":)" + std::to_string(command) +
                                         R"(,"Payload":{},"Version":"2.0"})",
                                     row.name);
      const bool fits = std::ranges::find(row.header_ctrls, command) != row.header_ctrls.end();
      EXPECT_EQ(frame.has_value(), fits) << to_string(row.name) << ' ' << command;
      if (!frame) {
        EXPECT_EQ(frame.error().requirement, "FRAME-3");
        EXPECT_EQ(frame.error().message_id, 1);
      }
    }
  }
}

TEST(Frame, FRAME_3_a_wrong_header_ctrl_names_the_right_ones) {
  expect_refused(R"({"MessageId":1,"HeaderCtrl":4,"Payload":"00","Version":"2.0"})", "FRAME-3",
                 "HeaderCtrl 4 does not belong on this topic: send 18 or 19 or 26",
                 TopicName::hex_report);
}

TEST(Frame, FRAME_3_header_ctrl_is_a_number_of_the_topics) {
  const auto with = [](const std::string& value) {
    return R"({"MessageId":1,"HeaderCtrl":)" + value + R"(,"Payload":{},"Version":"2.0"})";
  };
  expect_refused(with("\"4\""), "FRAME-3", "is a string: send the number");
  expect_refused(with("true"), "FRAME-3", "not a whole number");
  expect_refused(with("null"), "FRAME-3", "not a whole number");
  expect_refused(with("4294967300"), "FRAME-3", "does not belong");  // 4 in 32 bits
  expect_refused(with("18446744073709551615"), "FRAME-3", "does not belong");
  expect_refused(with("-9223372036854775804"), "FRAME-3", "does not belong");
  expect_refused(R"({"MessageId":1,"Payload":{},"Version":"2.0"})", "FRAME-3", "is missing");
}

TEST(Frame, FRAME_3_version_is_the_string_2_0) {
  const auto with = [](const std::string& value) {
    return R"({"MessageId":1,"HeaderCtrl":4,"Payload":{},"Version":)" + value + "}";
  };
  expect_refused(with("\"1.0\""), "FRAME-3", "Version is not \"2.0\"");
  expect_refused(with("2.0"), "FRAME-3", "not a string");
  expect_refused(R"({"MessageId":1,"HeaderCtrl":4,"Payload":{}})", "FRAME-3", "Version is missing");
}

TEST(Frame, AUTH_6_version_can_be_left_to_the_caller) {
  const auto parse = [](const std::string& version) {
    return parse_frame(R"({"MessageId":1,"HeaderCtrl":1,"Payload":{})" + version + "}",
                       TopicName::auth, false);
  };
  EXPECT_EQ(parse(R"(,"Version":"1.0")")->version, "1.0");
  EXPECT_EQ(parse(R"(,"Version":2)")->version, "");
  EXPECT_EQ(parse("")->version, "");
}

TEST(Frame, FRAME_5_the_message_id_is_known_whatever_else_is_wrong) {
  const auto refusal = refusal_of(R"({"MessageId":"a1","HeaderCtrl":99,"Version":1})");
  EXPECT_EQ(refusal.message_id.text(), R"("a1")");
  EXPECT_EQ(refusal.header_ctrl, 99);
  EXPECT_EQ(refusal.requirement, "FRAME-3");
  EXPECT_THAT(refusal.reason, HasSubstr("HeaderCtrl 99"));
}

TEST(Frame, FRAME_5_the_message_id_is_read_in_what_is_no_json) {
  const auto with = [](const std::string& payload) {
    return R"({"HeaderCtrl":4,"x":{"MessageId":9},"MessageId":7,"Payload":)" + payload + "}";
  };
  for (const std::string& payload :
       {std::string(100'000, '['), std::string("18446744073709551616"), std::string("1e999"),
        std::string(R"({"a":1,"a":2})"), std::string(R"("\u0000")"), std::string("\"\xFF\""),
        std::string("\"a\0b\"", 5), '"' + std::string(300'000, 'x') + '"', std::string("{")}) {
    const auto refusal = refusal_of(with(payload));
    EXPECT_EQ(refusal.requirement, "FRAME-1");
    EXPECT_EQ(refusal.message_id, 7) << payload.substr(0, 40);
  }
  EXPECT_EQ(refusal_of(R"({"MessageId":"a1",)").message_id.text(), R"("a1")");
  EXPECT_EQ(refusal_of(R"({"MessageId":1.0,)").message_id.text(), "1.0");
  for (const std::string& bytes :
       {std::string("hello"), std::string(R"([{"MessageId":7},)"),
        std::string(R"({"MessageId":[7,)"), std::string(R"({"MessageId":{"MessageId":7},)"),
        std::string(R"({"x":[)"), std::string(R"({"MessageId":18446744073709551616,)"),
        std::string(R"({"MessageId":7.5,)"), R"({"MessageId":")" + std::string(257, 'm') + R"(",)",
        std::string(R"({"MessageId":null,)"), std::string(R"({"MessageId":"\u0000",)")}) {
    EXPECT_FALSE(refusal_of(bytes).message_id) << bytes;
  }
}

TEST(Frame, HEX_3_hex_full_comes_quoted_or_bare) {
  for (const auto& bytes :
       std::vector<std::string>{"\"00f0ff013FA00000\"", "00f0ff013FA00000", "00f0ff013FA00000\n",
                                " \"00f0ff013FA00000\" "}) {
    const auto frame = parse_frame(bytes, TopicName::hex_full);
    ASSERT_TRUE(frame) << bytes << frame.error().reason;
    EXPECT_EQ(frame->header_ctrl, 28);
    EXPECT_EQ(frame->payload, "00f0ff013FA00000");
    EXPECT_EQ(frame->payload_text, "\"00f0ff013FA00000\"");
    EXPECT_FALSE(frame->message_id);
    EXPECT_EQ(frame->version, "2.0");
  }
}

TEST(Frame, TOPIC_14_hex_full_is_whole_bytes_of_hex_digits_only) {
  const auto expect = [](std::string_view bytes, std::string_view reason) {
    expect_refused(bytes, "FRAME-1", reason, TopicName::hex_full);
    EXPECT_FALSE(refusal_of(bytes, TopicName::hex_full).message_id);
  };
  expect("", "hex digits only");
  expect("\"\"", "hex digits only");
  expect("00f0f", "odd number");
  expect("\"00f\"", "odd number");
  expect("0x00", "hex digits only");
  expect("00 f0", "hex digits only");
  expect("\"00f0", "not JSON");
  expect("\"00f0\"\"", "not JSON");
  expect(std::string("00\0f0", 5), "hex digits only");
  expect(R"({"MessageId":1,"HeaderCtrl":28,"Payload":"00","Version":"2.0"})", "model/hex/report");
  expect(std::string(300'000, '0'), "longer than");
}

TEST(Frame, FRAME_1_ours_have_the_members_in_the_order_of_section_3) {
  EXPECT_EQ(build_frame(1231, 7, {{"data", "x"}}),
            R"({"MessageId":1231,"HeaderCtrl":7,"Payload":{"data":"x"},"Version":"2.0"})");
  EXPECT_EQ(build_frame_of_text(MessageId::of_text(R"("a")"), 9, R"({"b":1,"a":2})"),
            R"({"MessageId":"a","HeaderCtrl":9,"Payload":{"b":1,"a":2},"Version":"2.0"})");
}

TEST(Frame, FRAME_4_acks_carry_their_code_as_a_string) {
  const json data{{"temp", "100"}};
  EXPECT_EQ(
      build_ack(1231, 20, &data),
      R"({"MessageId":1231,"HeaderCtrl":20,"Payload":{"Code":"200","Msg":"SUCCESS","Data":{"temp":"100"}},"Version":"2.0"})");
  EXPECT_EQ(
      build_failure_ack(MessageId::of_text(R"("x")"), 4, "say \"why\""),
      R"({"MessageId":"x","HeaderCtrl":4,"Payload":{"Code":"4001","Msg":"say \"why\""},"Version":"2.0"})");
}

TEST(Frame, FRAME_4_an_ack_with_any_message_id_is_a_frame_again) {
  const auto id = MessageId::of_text(compact("quote \" and \\ and 利尔达"));
  const auto ack = build_failure_ack(id, 4, "reason\n\x01\xFF");
  const auto frame = parse_frame(ack, TopicName::uplink_ack);
  ASSERT_TRUE(frame) << frame.error().reason;
  EXPECT_EQ(frame->message_id, id);
}

TEST(Frame, AUTH_2_only_header_ctrl_1_is_an_auth_reply) {
  EXPECT_TRUE(
      is_auth_reply(R"({"MessageId":1,"HeaderCtrl":1,"Payload":{"Code":0},"Version":"2.0"})"));
  for (const auto& payload : std::vector<std::string>{
           R"({"MessageId":1,"HeaderCtrl":7,"Payload":{"HeaderCtrl":1},"Version":"2.0"})",
           R"({"MessageId":1,"HeaderCtrl":3,"Payload":{},"Version":"2.0"})",
           R"({"HeaderCtrl":"1"})", R"({"HeaderCtrl":7,"HeaderCtrl":1})", R"({"Payload":1})", "[1]",
           "1", "", "{", std::string(100'000, '[')}) {
    EXPECT_FALSE(is_auth_reply(payload)) << payload.substr(0, 80);
  }
}

}  // namespace
}  // namespace xgate::protocol
