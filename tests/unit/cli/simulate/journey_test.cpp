// SPDX-License-Identifier: Apache-2.0
#include "cli/simulate/journey.hpp"

#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "protocol/aes.hpp"
#include "unit/cli/simulate/played_platform.hpp"

namespace xgate::cli {
namespace {

using fakes::bytes;
using fakes::MqttPeer;
using nlohmann::json;
using test::device_secret;
using test::Platform;
using test::product_key;
using test::root;
using test::text;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class JourneyTest : public testing::Test {
 protected:
  JourneyTest() {
    options_.port = peer_.port();
    options_.device = {"7ED01E2A", "AA30C505", "20MQTTJ000121"};
    options_.product_key = product_key;
    options_.interval = std::chrono::milliseconds(1);
    options_.answer_timeout = std::chrono::milliseconds(10000);
  }

  /// Short enough for silence to be soon over, and tried often enough for a busy machine.
  void be_impatient() {
    options_.answer_timeout = std::chrono::milliseconds(100);
    options_.tries = 10;
  }

  int run(int connections = 2) {
    peer_.play([&](MqttPeer& peer) { platform_.serve(peer, connections); });
    std::ostringstream out;
    const int status = run_journey(options_, out);
    peer_.join();
    output_ = out.str();
    EXPECT_THAT(output_, AllOf(Not(HasSubstr(product_key)), Not(HasSubstr(device_secret))));
    return status;
  }

  /// The JSON lines' member `name`.
  std::vector<std::string> column(const char* name) const {
    std::vector<std::string> values;
    std::istringstream lines(output_);
    for (std::string line; std::getline(lines, line);)
      values.push_back(json::parse(line).at(name).get<std::string>());
    return values;
  }

  MqttPeer peer_;
  Platform platform_;
  JourneyOptions options_;
  std::string output_;
};

TEST_F(JourneyTest, a_plain_device_goes_the_whole_way) {
  EXPECT_EQ(run(), 0) << output_;
  ASSERT_EQ(platform_.connects.size(), 2U);
  EXPECT_THAT(platform_.connects[0], HasSubstr(text("AA30C505-20MQTTJ000121") +
                                               text("AUTH-7ED01E2A-AA30C505") + text(product_key)));
  EXPECT_THAT(platform_.connects[1], AllOf(HasSubstr("V2_AA30C505.20MQTTJ000121_1_"),
                                           HasSubstr(text("7ED01E2A-AA30C505-20MQTTJ000121"))));
  const std::vector<json> auth = platform_.on("/sys/device/auth");
  ASSERT_EQ(auth.size(), 1U);
  EXPECT_EQ(auth[0]["Payload"], (json{{"OpenID", "7ED01E2A"},
                                      {"ProductID", "AA30C505"},
                                      {"NodeEui", "20MQTTJ000121"},
                                      {"Type", 0}}));
  const std::vector<json> time = platform_.on(root + "update_time");
  ASSERT_EQ(time.size(), 1U);
  EXPECT_EQ(time[0]["Payload"], "");
  EXPECT_EQ(time[0]["HeaderCtrl"], 29);
  const std::vector<json> firmware = platform_.on(root + "firmware_report");
  ASSERT_EQ(firmware.size(), 1U);
  EXPECT_EQ(firmware[0]["Payload"], (json{{"HardVer", "1.0"}, {"SoftVer", "1.0.0"}, {"Type", 2}}));
  EXPECT_EQ(platform_.on(root + "uplink").size(), 3U);
  EXPECT_THAT(output_, AllOf(HasSubstr("AUTH-4"), HasSubstr("→"), HasSubstr("←"),
                             HasSubstr("Asia/Shanghai"), HasSubstr("\"DeviceSecret\":\"****"),
                             HasSubstr("went the whole way"), Not(HasSubstr("\033["))));
}

TEST_F(JourneyTest, tells_a_chinese_reader_every_step_in_chinese) {
  options_.language = texts::Language::zh;
  options_.uplinks = 1;
  EXPECT_EQ(run(), 0) << output_;
  std::istringstream lines(output_);
  for (std::string line; std::getline(lines, line);) {
    if (line.find("→") != std::string::npos || line.find("←") != std::string::npos) continue;
    EXPECT_THAT(line, Not(testing::ContainsRegex("[a-z] [a-z]")));  // no two English words
  }
  EXPECT_THAT(output_, AllOf(HasSubstr("请求 DeviceSecret"), HasSubstr("第 1 次上报，共 1 次"),
                             HasSubstr("走完了整个流程")));
}

TEST_F(JourneyTest, the_default_login_is_the_worked_example) {
  options_.login_type = 0;
  options_.device_secret = device_secret;
  options_.uplinks = 0;
  EXPECT_EQ(run(1), 0) << output_;
  ASSERT_EQ(platform_.connects.size(), 1U);  // AUTH-3: nothing to ask for
  EXPECT_THAT(platform_.connects[0],
              HasSubstr("5EB6BBC8DE5233E632389FA3E8E133F14DC0378BDDE5EDD73E64F682A79D1451"
                        "5CF9C8D4C5A0F469AD773DF9F4BFC8F05876680DBB4A7CB546B1EE27FF10134B"));
  EXPECT_THAT(output_, HasSubstr("left out"));
}

TEST_F(JourneyTest, an_encrypted_device_follows_a_new_session_key) {
  options_.encrypted = true;
  options_.uplinks = 2;
  options_.payload = R"({"b":1,"a":[2]})";
  platform_.answers["/sys/device/auth"] = [](const json& frame) {
    return Platform::reply(
        "downlink", frame,
        {{"Code", 0}, {"DeviceSecret", device_secret}, {"SessionID", "4655434B"}, {"Nonce", 128}});
  };
  int uplinks = 0;
  platform_.answers[root + "uplink"] = [&uplinks](const json& frame) {
    std::string answer =
        Platform::reply("uplink_ack", frame, {{"Code", "200"}, {"Msg", "SUCCESS"}});
    if (++uplinks > 1) return answer;
    // Command 3 comes before the ack of the first: the second must use the new key.
    const json update{{"MessageId", 5}, {"HeaderCtrl", 3}};
    return Platform::reply("downlink", update, {{"SessionID", "0000AAAA"}, {"Nonce", 16}}) + answer;
  };
  EXPECT_EQ(run(), 0) << output_;
  const std::vector<json> sent = platform_.on(root + "uplink");
  ASSERT_EQ(sent.size(), 2U);
  protocol::Aes aes;
  const auto opened = [&aes](const json& frame, std::string_view key) {
    return aes.decrypt_hex(*protocol::aes_key_from_hex(key), frame["Payload"].get<std::string>());
  };
  EXPECT_EQ(json::parse(opened(sent[0], "3F81A97DDA9B30089BB31CE21826E745").value()),
            json::parse(options_.payload));
  const std::string second =
      aes.encrypt_to_hex(*protocol::aes_key_from_hex(product_key), "0000AAAA10");
  EXPECT_EQ(json::parse(opened(sent[1], second.substr(0, 32)).value()),
            json::parse(options_.payload));
  EXPECT_THAT(output_, Not(HasSubstr("3F81A97DDA9B30089BB31CE21826E745")));
}

TEST_F(JourneyTest, what_is_not_answered_is_sent_again_unchanged) {
  int asked = 0;
  const auto answer = platform_.answers[root + "update_time"];
  platform_.answers[root + "update_time"] = [&](const json& frame) {
    return ++asked < 3 ? std::string() : answer(frame);
  };
  be_impatient();
  EXPECT_EQ(run(), 0) << output_;
  const std::vector<json> sent = platform_.on(root + "update_time");
  ASSERT_GE(sent.size(), 3U);
  EXPECT_EQ(sent[0], sent[1]);
  EXPECT_EQ(sent[1], sent[2]);
}

TEST_F(JourneyTest, silence_fails_the_step_and_says_what_to_do) {
  platform_.answers.erase(root + "firmware_report");
  be_impatient();
  options_.json = true;
  EXPECT_EQ(run(), 1);
  EXPECT_EQ(platform_.on(root + "firmware_report").size(), 10U);
  EXPECT_TRUE(platform_.on(root + "uplink").empty());
  EXPECT_THAT(column("name"), ElementsAre("auth_login", "auth_subscribe", "auth", "auth_leave",
                                          "v2_login", "subscribe", "time", "firmware", "result"));
  EXPECT_THAT(column("status"), ElementsAre("done", "done", "done", "done", "done", "done", "done",
                                            "failed", "failed"));
  EXPECT_THAT(output_, AllOf(HasSubstr("firmware_report_ack to 10 tries"), HasSubstr("xgate serve"),
                             HasSubstr(R"("requirements":["FW-1","FRAME-4"])")));
}

TEST_F(JourneyTest, a_refusing_code_is_explained) {
  platform_.answers["/sys/device/auth"] = [](const json& frame) {
    return Platform::reply("downlink", frame, {{"Code", 5}});
  };
  EXPECT_EQ(run(1), 1);
  EXPECT_THAT(output_, AllOf(HasSubstr("Code 5"), HasSubstr("not the product's type")));
}

TEST_F(JourneyTest, a_busy_platform_is_asked_again) {
  int asked = 0;
  const auto answer = platform_.answers["/sys/device/auth"];
  platform_.answers["/sys/device/auth"] = [&](const json& frame) {
    return ++asked < 3 ? Platform::reply("downlink", frame, {{"Code", 1}}) : answer(frame);
  };
  EXPECT_EQ(run(), 0) << output_;
  EXPECT_EQ(asked, 3);
}

TEST_F(JourneyTest, an_ack_with_4001_fails_with_its_message) {
  platform_.answers[root + "uplink"] = [](const json& frame) {
    return Platform::reply("uplink_ack", frame, {{"Code", "4001"}, {"Msg", "out of order"}});
  };
  EXPECT_EQ(run(), 1);
  EXPECT_THAT(output_, HasSubstr("4001\": out of order"));
}

TEST_F(JourneyTest, an_ack_whose_code_is_a_number_is_not_the_protocols) {
  platform_.answers[root + "uplink"] = [](const json& frame) {
    return Platform::reply("uplink_ack", frame, {{"Code", 200}});
  };
  EXPECT_EQ(run(), 1);
  EXPECT_THAT(output_, HasSubstr("FRAME-4"));
}

TEST_F(JourneyTest, another_messages_ack_is_not_the_answer) {
  platform_.answers[root + "update_time"] = [](json frame) {
    frame["MessageId"] = std::to_string(frame["MessageId"].get<int>());  // FRAME-2: same type
    return Platform::reply("update_time_ack", frame, {{"Code", "200"}});
  };
  be_impatient();
  EXPECT_EQ(run(), 1);
  EXPECT_THAT(output_, HasSubstr("another MessageId"));
}

TEST_F(JourneyTest, a_refused_login_points_to_the_refusals) {
  platform_.connack = bytes("20 02 00 05");
  EXPECT_EQ(run(1), 1);
  EXPECT_THAT(output_, AllOf(HasSubstr("not authorized"),
                             HasSubstr("xgate refusals AA30C505.20MQTTJ000121")));
}

// V2-3: the session before may have ended within the same second.
TEST_F(JourneyTest, a_refused_type_1_login_is_tried_with_the_next_second) {
  platform_.refused_connect = 2;
  EXPECT_EQ(run(3), 0);
  ASSERT_EQ(platform_.connects.size(), 3U);
  EXPECT_NE(platform_.connects[1], platform_.connects[2]);
  EXPECT_THAT(output_, HasSubstr("next second"));
}

TEST_F(JourneyTest, a_command_of_the_application_is_acknowledged) {
  const auto answer = platform_.answers[root + "update_time"];
  platform_.answers[root + "update_time"] = [&](const json& frame) {
    const json command{{"MessageId", "c-1"}, {"HeaderCtrl", 7}};
    return Platform::reply("downlink", command, {{"data", "on"}}) + answer(frame);
  };
  EXPECT_EQ(run(), 0) << output_;
  const std::vector<json> acks = platform_.on(root + "downlink_ack");
  ASSERT_EQ(acks.size(), 1U);
  EXPECT_EQ(acks[0]["MessageId"], "c-1");
  EXPECT_EQ(acks[0]["Payload"]["Code"], "200");
}

TEST_F(JourneyTest, impossible_options_are_a_misuse) {
  std::ostringstream out;
  JourneyOptions options = options_;
  options.product_key = "short";
  EXPECT_EQ(run_journey(options, out), 2);
  options = options_;
  options.auth_type = 2;
  EXPECT_EQ(run_journey(options, out), 2);
  options = options_;
  options.payload = "{";
  EXPECT_EQ(run_journey(options, out), 2);
  EXPECT_THAT(out.str(), AllOf(HasSubstr("32 hex digits"), HasSubstr("AUTH-8"), HasSubstr("JSON")));
}

}  // namespace
}  // namespace xgate::cli
