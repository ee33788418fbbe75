// SPDX-License-Identifier: Apache-2.0
#include "cli/simulate/platform_command.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/simulate/reaction.hpp"

namespace xgate::cli {
namespace {

using nlohmann::json;
using protocol::TopicName;
using testing::HasSubstr;

protocol::TopicMatch on(TopicName name, std::string_view identifier = {}) {
  return {name, {}, identifier};
}

class PlatformCommandTest : public testing::Test {
 protected:
  Checked<PlatformCommand> read(TopicName name, int header_ctrl, const json& payload,
                                std::string_view identifier = {},
                                const protocol::MessageId& id = 1231) {
    return read_command(on(name, identifier), {id, header_ctrl, payload, "2.0"}, key_, aes_);
  }
  std::string fault_of(TopicName name, int header_ctrl, const json& payload,
                       std::string_view identifier = {}) {
    const auto command = read(name, header_ctrl, payload, identifier);
    return command ? "" : command.error().requirement;
  }
  std::vector<Outgoing> answer(TopicName name, int header_ctrl, const json& payload,
                               const Rule& rule = {}, std::string_view identifier = {}) {
    const auto command = read(name, header_ctrl, payload, identifier);
    EXPECT_TRUE(command);
    return react(*command, rule, memory_, {1, "SIM1", 0, random_});
  }

  std::optional<protocol::AesKey> key_;
  protocol::Aes aes_;
  std::minstd_rand random_{1};
  DeviceMemory memory_{{{"temp", 20}, {"power", "on"}}, {{"Port", 7200}}, "v1", {{"default", "1"}}};
};

TEST_F(PlatformCommandTest, every_flow_s_form_is_checked) {
  EXPECT_EQ(fault_of(TopicName::property_set, 20, {{"params", json::object()}}), "PROP-2");
  EXPECT_EQ(fault_of(TopicName::property_set, 20, {{"params", {{{"value", 1}}}}}), "PROP-2");
  EXPECT_EQ(fault_of(TopicName::property_ask, 23, {{"params", {1}}}), "PROP-3");
  EXPECT_EQ(fault_of(TopicName::service_call, 21,
                     {{"servicIdentify", "other"}, {"params", json::object()}}, "switch"),
            "SVC-1");
  EXPECT_EQ(fault_of(TopicName::ask_config, 14, {{"a", 1}}), "CONF-1");
  EXPECT_EQ(fault_of(TopicName::down_config, 14, json::object()), "CONF-1");
  EXPECT_EQ(fault_of(TopicName::ask_firmware, 13, ""), "FW-2");
  EXPECT_EQ(fault_of(TopicName::hex_downlink, 22, "0g"), "HEX-2");
  EXPECT_FALSE(read(TopicName::downlink, 7, 1, {},
                    protocol::MessageId::of_text("\"text\"")));  // FRAME-2: ours are integers
}

TEST_F(PlatformCommandTest, an_encrypted_payload_is_opened) {
  key_ = protocol::AesKey{1, 2, 3};
  const std::string sealed = aes_.encrypt_to_hex(*key_, R"({"params":["temp"]})");
  const auto command = read(TopicName::property_ask, 23, sealed);
  ASSERT_TRUE(command);
  EXPECT_EQ(command->identifier, "temp");
  EXPECT_EQ(fault_of(TopicName::property_ask, 23, "0011"), "ENC-1");
  const auto hex = read(TopicName::hex_downlink, 22, aes_.encrypt_to_hex(*key_, "0101002d"));
  ASSERT_TRUE(hex);
  EXPECT_EQ(hex->payload, "0101002d");
  EXPECT_EQ(read(TopicName::hex_downlink, 22, "0101002d")->payload, "0101002d");
}

TEST_F(PlatformCommandTest, what_is_set_is_answered_when_asked_for) {
  const auto set = answer(
      TopicName::property_set, 20,
      {{"params",
        {{{"identify", "temp"}, {"value", "100"}}, {{"identify", "power"}, {"value", "0..1"}}}}});
  ASSERT_EQ(set.size(), 1U);
  EXPECT_EQ(set[0].topic, TopicName::property_set_ack);
  EXPECT_EQ(set[0].payload, (json{{"Code", "200"}, {"Msg", "SUCCESS"}}));
  const auto asked = answer(TopicName::property_ask, 23, {{"params", {"temp", "power", "none"}}});
  ASSERT_EQ(asked.size(), 1U);
  EXPECT_EQ(asked[0].topic, TopicName::property_report);
  EXPECT_EQ(asked[0].header_ctrl, 16);
  EXPECT_EQ(asked[0].message_id, 1231);
  EXPECT_EQ(asked[0].payload, (json{{"temp", 100}, {"power", "0..1"}}));
}

TEST_F(PlatformCommandTest, a_refused_set_changes_nothing) {
  Rule rule;
  rule.code = "4001";
  rule.msg = "Failed";
  const json params{{"params", {{{"identify", "temp"}, {"value", 1}}}}};
  EXPECT_EQ(answer(TopicName::property_set, 20, params, rule)[0].payload["Code"], "4001");
  EXPECT_EQ(memory_.properties["temp"], 20);
  rule.ignore = true;
  EXPECT_TRUE(answer(TopicName::property_set, 20, params, rule).empty());
}

TEST_F(PlatformCommandTest, settings_that_come_down_are_reported) {
  const auto report = answer(TopicName::down_config, 14, {{"Settings", {{"Host", "10.0.0.1"}}}});
  ASSERT_EQ(report.size(), 1U);
  EXPECT_EQ(report[0].topic, TopicName::config_report);
  EXPECT_EQ(report[0].payload, (json{{"Settings", {{"Host", "10.0.0.1"}, {"Port", 7200}}}}));
}

TEST_F(PlatformCommandTest, a_hex_call_is_acked_and_then_answered) {
  Rule rule;
  rule.reply = "02 00";
  const auto answers = answer(TopicName::hex_downlink, 24, "0102", rule);
  ASSERT_EQ(answers.size(), 2U);
  EXPECT_EQ(answers[0].topic, TopicName::hex_downlink_ack);
  EXPECT_EQ(answers[0].header_ctrl, 24);
  EXPECT_EQ(answers[1].topic, TopicName::hex_report);
  EXPECT_EQ(answers[1].header_ctrl, 26);
  EXPECT_EQ(answers[1].payload, "0200");
  EXPECT_EQ(answer(TopicName::hex_downlink, 25, "0102", rule)[1].header_ctrl, 18);
}

TEST(UpgradeNoticeTest, the_source_s_fields_are_checked) {
  json payload{
      {"Type", 2},      {"Url", "http://127.0.0.1:8081/download/E0C040B1"}, {"SoftVer", "v2.1.4"},
      {"SoftSize", 10}, {"MD5", "d41d8cd98f00b204e9800998ecf8427e"},        {"DownID", "E0C040B1"}};
  const auto notice = read_notice(payload);
  ASSERT_TRUE(notice);
  EXPECT_EQ(notice->module, "default");
  EXPECT_EQ(notice->md5, "D41D8CD98F00B204E9800998ECF8427E");
  EXPECT_EQ(download_url(*notice), "http://127.0.0.1:8081/download/E0C040B1");
  const auto without = [&payload](const char* name, const json& value) {
    json changed = payload;
    changed[name] = value;
    return !read_notice(changed);
  };
  EXPECT_TRUE(without("Type", 1));
  EXPECT_TRUE(without("Url", "ftp://x/"));
  EXPECT_TRUE(without("MD5", 232435456));
  EXPECT_TRUE(without("DownID", nullptr));
  EXPECT_TRUE(without("SoftSize", "10"));
  EXPECT_TRUE(without("Module", "default"));
  payload["Url"] = "http://127.0.0.1/image?x=1";
  EXPECT_EQ(download_url(*read_notice(payload)), "http://127.0.0.1/image?x=1&DownID=E0C040B1");
}

}  // namespace
}  // namespace xgate::cli
