// SPDX-License-Identifier: Apache-2.0
#include "service/flows/answer.hpp"

#include <string>

#include <gtest/gtest.h>

#include "protocol/topic.hpp"
#include "service/flows/command_ack.hpp"
#include "service/flows/config_report.hpp"

namespace xgate::flows {
namespace {

using nlohmann::json;
using protocol::CommandKind;
using protocol::CommandState;
using protocol::TopicName;

constexpr std::int64_t device_id = 7;
constexpr std::int64_t first_id = 1073741824;

struct Answers : ::testing::Test {
  store::State state;
  store::Product product;
  store::Device device;
  std::optional<store::ScriptResult> script;
  store::Accepted accepted;

  Answers() {
    product.product_id = "AA30C505";
    device.device_id = device_id;
  }
  void add(std::int64_t command_id, CommandKind kind, CommandState now = CommandState::sent,
           std::string service = {}) {
    store::OpenCommand command;
    command.command_id = command_id;
    command.kind = kind;
    command.service = std::move(service);
    command.message_id = first_id + command_id;
    command.state = now;
    if (now != CommandState::queued) command.sent_at_ms = 1000;
    state.commands[device_id].push_back(command);
  }
  std::optional<Answer> say(TopicName topic, int ctrl, const json& id, const json& payload,
                            std::string_view identifier = {}, std::int64_t received_ms = 2000) {
    return say_text(topic, ctrl, id, payload.dump(), identifier, received_ms);
  }
  std::optional<Answer> say_text(TopicName topic, int ctrl, const json& id, std::string_view text,
                                 std::string_view identifier = {},
                                 std::int64_t received_ms = 2000) {
    const protocol::TopicMatch match{topic, {}, identifier};
    const protocol::Frame frame{protocol::MessageId::of_text(id.is_null() ? "" : id.dump()), ctrl,
                                json::parse(text), "2.0"};
    const store::OpenedMessage message{.frame = frame,
                                       .payload = frame.payload,
                                       .payload_text = text,
                                       .topic = match,
                                       .product = product,
                                       .device = device,
                                       .state = state,
                                       .script = script ? &*script : nullptr,
                                       .received_at_ms = received_ms,
                                       .now_ms = 3000,
                                       .zone = {}};
    auto result = answer(message, accepted);
    if (result) apply(result->command, device_id, state);
    return result;
  }
};

const json good{{"Code", "200"}, {"Msg", "SUCCESS"}, {"Data", {{"temp", "100"}}}};

TEST_F(Answers, DOWN_1_success_and_failure) {
  add(1, CommandKind::down);
  add(2, CommandKind::down);
  const auto done = say(TopicName::downlink_ack, 7, first_id + 1, good);
  ASSERT_TRUE(done);
  EXPECT_EQ(done->command.command_id, 1);
  EXPECT_EQ(done->command.state, CommandState::done);
  EXPECT_EQ(done->command.code, "200");
  EXPECT_EQ(done->command.result, R"({"temp":"100"})");
  EXPECT_EQ(done->command.at_ms, 3000);
  const auto failed = say(TopicName::downlink_ack_table, 7, std::to_string(first_id + 2),
                          {{"Code", "4001"}, {"Msg", "no"}});
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->command.state, CommandState::failed);
  EXPECT_EQ(failed->command.reason, "no");
}

TEST_F(Answers, late_and_double_ones_change_nothing) {
  add(1, CommandKind::down, CommandState::expired);
  add(2, CommandKind::down);
  const auto late = say(TopicName::downlink_ack, 7, first_id + 1, good);
  ASSERT_TRUE(late);
  EXPECT_FALSE(late->command.state);
  EXPECT_EQ(late->note, "too late for command 1: it is expired already");
  EXPECT_TRUE(late->warning);
  EXPECT_TRUE(say(TopicName::downlink_ack, 7, first_id + 2, good)->command.state);
  const auto again = say(TopicName::downlink_ack, 7, first_id + 2, {{"Code", "4001"}});
  ASSERT_TRUE(again);
  EXPECT_FALSE(again->command.state) << "of one batch: the first one counts";
}

TEST_F(Answers, only_the_flows_own_topic_counts) {
  add(1, CommandKind::down);
  add(2, CommandKind::call, CommandState::sent, "switch");
  EXPECT_FALSE(say(TopicName::property_set_ack, 20, first_id + 1, good));
  EXPECT_FALSE(say(TopicName::downlink_ack, 7, first_id + 3, good)) << "never asked";
  EXPECT_FALSE(say(TopicName::downlink_ack, 7, 1, good));
  EXPECT_FALSE(say(TopicName::service_ack, 21, first_id + 2, good, "other"));
  EXPECT_TRUE(say(TopicName::service_ack, 21, first_id + 2, good, "switch"));
}

TEST_F(Answers, what_was_never_sent_cannot_be_answered) {
  add(1, CommandKind::down, CommandState::queued);
  const auto early = say(TopicName::downlink_ack, 7, first_id + 1, good);
  ASSERT_TRUE(early);
  EXPECT_FALSE(early->command.state);
}

TEST_F(Answers, PROP_3_is_answered_by_what_is_stored) {
  add(1, CommandKind::ask);
  accepted.properties = {{.device_id = device_id, .identifier = "temp", .value = "100"},
                         {.device_id = device_id, .identifier = "mode", .value = "\"auto\""}};
  const auto asked = say(TopicName::property_report, 16, first_id + 1, {{"temp", "100"}});
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->command.result, R"({"temp":100,"mode":"auto"})");
  EXPECT_FALSE(asked->warning);
}

TEST_F(Answers, PROP_3_only_a_report_with_the_number) {
  add(1, CommandKind::ask);
  EXPECT_FALSE(say(TopicName::property_report, 16, 1231, {{"temp", 1}}));
  const auto asked = say(TopicName::property_report, 16, first_id + 1, {{"temp", 100}});
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->command.state, CommandState::done);
  EXPECT_EQ(asked->command.result, R"({"temp":100})");
  EXPECT_EQ(asked->command.code, "");
}

TEST_F(Answers, TRACE_1_what_the_device_gives_back_stands_as_it_came) {
  add(1, CommandKind::down);
  add(2, CommandKind::config_get);
  add(3, CommandKind::firmware_ask);
  const auto result = [&](TopicName topic, int ctrl, std::int64_t id, std::string_view text) {
    return say_text(topic, ctrl, first_id + id, text)->command.result;
  };
  const std::string given = "{\"z\": 1.50,\"a\":2}";
  EXPECT_EQ(result(TopicName::downlink_ack, 7, 1, R"({"Data":)" + given + R"( ,"Code":"200"})"),
            given);
  EXPECT_EQ(result(TopicName::config_report, 14, 2, R"({"Settings" : )" + given + "}"), given);
  const std::string report = R"({"SoftVer": "v1","HardVer":"h"})";
  EXPECT_EQ(result(TopicName::firmware_report, 8, 3, report), report);
}

TEST_F(Answers, CONF_1_FW_2_by_number_or_the_first_after_it_was_sent) {
  add(1, CommandKind::config_get);
  add(2, CommandKind::config_set);
  add(3, CommandKind::firmware_ask);
  add(4, CommandKind::firmware_ask, CommandState::queued);
  const json settings{{"Settings", {{"Port", 7200}}}};
  EXPECT_FALSE(say(TopicName::config_report, 14, 5, settings, {}, 999)) << "from before it";
  const auto named = say(TopicName::config_report, 14, first_id + 2, settings);
  ASSERT_TRUE(named);
  EXPECT_EQ(named->command.command_id, 2);
  EXPECT_EQ(named->command.result, R"({"Port":7200})");
  const auto first = say(TopicName::config_report, 14, 5, settings);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->command.command_id, 1);
  EXPECT_FALSE(say(TopicName::config_report, 14, 6, settings)) << "nobody waits";
  EXPECT_EQ(say(TopicName::firmware_report, 8, 7, {{"SoftVer", "v1"}})->command.command_id, 3);
  EXPECT_FALSE(say(TopicName::firmware_report, 8, 8, {{"SoftVer", "v1"}})) << "4 was never sent";
}

TEST_F(Answers, OTA_2_by_number_or_by_its_DownID) {
  add(1, CommandKind::ota_notify);
  add(2, CommandKind::ota_notify);
  state.commands[device_id][0].down_id = "AAAA";
  state.commands[device_id][1].down_id = "BBBB";
  EXPECT_FALSE(say(TopicName::ota_notify_ack, 9, 5, {{"DownID", "CCCC"}}));
  EXPECT_EQ(say(TopicName::ota_notify_ack, 9, 5, {{"DownID", "BBBB"}})->command.command_id, 2);
  EXPECT_EQ(say(TopicName::ota_notify_ack, 9, first_id + 1, {{"DownID", "AAAA"}})->command.state,
            CommandState::done);
}

TEST_F(Answers, HEX_2_an_ack_is_a_receipt_and_the_26_the_result) {
  add(1, CommandKind::call, CommandState::sent, "reset");
  add(2, CommandKind::ask);
  add(3, CommandKind::set);
  const json ack{{"Code", "200"}, {"Msg", "SUCCESS"}};
  EXPECT_EQ(say(TopicName::hex_downlink_ack, 24, first_id + 1, ack)->command.state,
            CommandState::received);
  EXPECT_EQ(say(TopicName::hex_downlink_ack, 25, first_id + 2, ack)->command.state,
            CommandState::received);
  EXPECT_EQ(say(TopicName::hex_downlink_ack, 22, first_id + 3, ack)->command.state,
            CommandState::done);
  script = store::ScriptResult{json{{"id", "9"}, {"code", 200}, {"data", {{"left", 3}}}}};
  const auto called = say(TopicName::hex_report, 26, 1231, "0101");
  ASSERT_TRUE(called) << "the first 26 after it was sent";
  EXPECT_EQ(called->command.state, CommandState::done);
  EXPECT_EQ(called->command.result, R"({"left":3})");
  EXPECT_EQ(called->command.code, "200");
  script = store::ScriptResult{
      json{{"method", "thing.event.property.post"}, {"id", "1"}, {"params", {{"temp", 5}}}}};
  EXPECT_FALSE(say(TopicName::hex_report, 18, 1231, "0101")) << "a report of its own";
  const auto asked = say(TopicName::hex_report, 18, first_id + 2, "0101");
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->command.state, CommandState::done);
  EXPECT_EQ(asked->command.result, R"({"temp":5})");
}

TEST_F(Answers, HEX_2_the_scripts_id_names_the_call_and_its_code_may_fail) {
  add(1, CommandKind::call, CommandState::received);
  add(2, CommandKind::call, CommandState::received);
  script = store::ScriptResult{json{{"id", std::to_string(first_id + 2)}, {"code", 500}}};
  const auto failed = say(TopicName::hex_report, 26, 1, "00");
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->command.command_id, 2);
  EXPECT_EQ(failed->command.state, CommandState::failed);
  EXPECT_EQ(failed->command.code, "500");
}

TEST_F(Answers, HEX_2_a_refused_receipt_fails) {
  add(1, CommandKind::call);
  EXPECT_EQ(say(TopicName::hex_downlink_ack, 24, first_id + 1, {{"Code", "4001"}})->command.state,
            CommandState::failed);
}

store::FlowResult flow_of(store::FlowResult (*flow)(const store::OpenedMessage&), json payload) {
  static const protocol::TopicMatch topic{};
  static const store::Product product;
  static const store::State state;
  store::Device device;
  device.device_id = device_id;
  const protocol::Frame frame{1, 14, std::move(payload), "2.0"};
  return flow({.frame = frame,
               .payload = frame.payload,
               .topic = topic,
               .product = product,
               .device = device,
               .state = state,
               .received_at_ms = 1000,
               .zone = {}});
}

TEST(CommandAckFlow, FRAME_4_wants_a_code) {
  EXPECT_TRUE(flow_of(command_ack, good));
  EXPECT_TRUE(flow_of(command_ack, {{"Code", 4001}}));
  for (const json& wrong : {json::object(), json("text"), json({{"Code", json::array()}})}) {
    const auto refused = flow_of(command_ack, wrong);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().requirement, "FRAME-4");
  }
}

TEST(ConfigReport, CONF_1_keeps_the_settings) {
  const auto kept = flow_of(config_report, {{"Settings", {{"Port", 7200}}}});
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->config->device_id, device_id);
  EXPECT_EQ(kept->config->settings, R"({"Port":7200})");
  EXPECT_EQ(kept->config->reported_at_ms, 1000);
  for (const json& wrong : {json::object(), json("x"), json({{"Settings", 1}})}) {
    EXPECT_FALSE(flow_of(config_report, wrong)) << wrong;
  }
}

}  // namespace
}  // namespace xgate::flows
