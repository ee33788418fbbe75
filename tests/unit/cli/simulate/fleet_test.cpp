// SPDX-License-Identifier: Apache-2.0
#include "cli/simulate/fleet.hpp"

#include <sstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "cli/failure.hpp"
#include "unit/cli/simulate/played_platform.hpp"

namespace xgate::cli {
namespace {

using fakes::MqttPeer;
using nlohmann::json;
using test::device_secret;
using test::Platform;
using test::product_key;
using test::root;
using testing::HasSubstr;

/// One device of a scenario against a platform that the test plays.
class FleetTest : public testing::Test {
 protected:
  FleetTest() {
    options_.broker.port = peer_.port();
    DeviceAccount account;
    account.device = {"7ED01E2A", "AA30C505", "20MQTTJ000121"};
    account.product_key = product_key;
    account.login_type = 0;
    options_.devices = {account};
    options_.answer_timeout = std::chrono::milliseconds(10000);
    for (const char* name : {"model/property/report", "model/event/alarm/report",
                             "model/history/data/report", "model/hex/report"})
      platform_.answers[root + name] = [name](const json& frame) {
        return Platform::reply(std::string(name) + "_ack", frame,
                               {{"Code", "200"}, {"Msg", "SUCCESS"}});
      };
  }

  int run(const std::string& scenario, int connections = 2) {
    auto parsed = parse_scenario("[device]\ntime = false\n" + scenario, "s.toml");
    EXPECT_TRUE(parsed) << (parsed ? "" : parsed.error().front());
    options_.scenario = *parsed;
    options_.json = true;
    peer_.play([&](MqttPeer& peer) { platform_.serve(peer, connections); });
    std::istringstream in;
    std::ostringstream out;
    const Environment env{
        .in = in, .out = out, .err = out, .interrupted_within = [](auto) { return false; }};
    const int status = run_fleet(options_, env);
    peer_.join();
    output_ = out.str();
    EXPECT_THAT(output_, testing::Not(HasSubstr(device_secret)));
    return status;
  }

  json result() const {
    const std::size_t begin = output_.rfind('\n', output_.size() - 2);
    return json::parse(output_.substr(begin == std::string::npos ? 0 : begin + 1));
  }
  /// The platform asks along with the ack of the first property report.
  void command_with_first_report(const std::string& topic, int header_ctrl, const json& payload,
                                 int times = 1) {
    platform_.answers[root + "model/property/report"] = [=,
                                                         asked = false](const json& frame) mutable {
      std::string packets = Platform::reply("model/property/report_ack", frame,
                                            {{"Code", "200"}, {"Msg", "SUCCESS"}});
      const json command{{"MessageId", 77}, {"HeaderCtrl", header_ctrl}};
      for (int i = 0; i < times && !asked; ++i) packets += Platform::reply(topic, command, payload);
      asked = true;
      return packets;
    };
  }

  MqttPeer peer_;
  Platform platform_;
  FleetOptions options_;
  std::string output_;
};

TEST_F(FleetTest, a_device_logs_in_and_does_what_the_scenario_says) {
  EXPECT_EQ(run(R"(
[[do]]
report = { temp = 100, humi = 20 }
[[do]]
event = "alarm"
params = { temp = 100 }
[[do]]
history = { properties = { Power = "on" }, points = 2, step = "1m" }
[[do]]
hex = "00f0ff013FA00000"
as = "event"
)"),
            status_done)
      << output_;
  EXPECT_EQ(platform_.on(root + "firmware_report").size(), 1U);
  const auto reports = platform_.on(root + "model/property/report");
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0]["HeaderCtrl"], 16);
  EXPECT_EQ(reports[0]["Payload"], (json{{"temp", 100}, {"humi", 20}}));
  EXPECT_EQ(platform_.on(root + "model/event/alarm/report")[0]["HeaderCtrl"], 17);
  const json points =
      platform_.on(root + "model/history/data/report")[0]["Payload"]["params"][0]["properties"];
  ASSERT_EQ(points.size(), 2U);
  EXPECT_EQ(points[1]["Power"]["time"].get<std::int64_t>() -
                points[0]["Power"]["time"].get<std::int64_t>(),
            60000);
  const json hex = platform_.on(root + "model/hex/report")[0];
  EXPECT_EQ(hex["HeaderCtrl"], 19);
  EXPECT_EQ(hex["Payload"], "00f0ff013FA00000");
  EXPECT_EQ(result()["acked"], 6);  // auth and firmware with them
  EXPECT_EQ(result()["status"], "done");
}

TEST_F(FleetTest, a_command_is_answered_by_its_rule_and_again_when_it_comes_again) {
  command_with_first_report("model/service/switch", 21,
                            {{"servicIdentify", "switch"}, {"params", {{"on", 1}}}}, 2);
  EXPECT_EQ(run(R"(
[[do]]
every = "10ms"
times = 10
report = { temp = 1 }
[[on]]
call = "switch"
times = 1
data = { on = 1 }
)"),
            status_done)
      << output_;
  const auto acks = platform_.on(root + "model/service/switch/ack");
  ASSERT_EQ(acks.size(), 2U);
  for (const json& ack : acks) {
    EXPECT_EQ(ack["MessageId"], 77);
    EXPECT_EQ(ack["HeaderCtrl"], 21);
    EXPECT_EQ(ack["Payload"], (json{{"Code", "200"}, {"Msg", "SUCCESS"}, {"Data", {{"on", 1}}}}));
  }
  EXPECT_EQ(result()["commands"], 1);
  EXPECT_EQ(result()["repeated"], 1);
}

TEST_F(FleetTest, an_answer_that_is_not_the_protocol_s_is_a_fault_with_its_requirement) {
  platform_.answers[root + "model/property/report"] = [](json frame) {
    frame["HeaderCtrl"] = 17;
    std::string wrong_ctrl = Platform::reply("model/property/report_ack", frame, {{"Code", "200"}});
    frame["MessageId"] = 5;
    frame["HeaderCtrl"] = 16;
    return Platform::reply("model/property/report_ack", frame, {{"Code", "200"}}) + wrong_ctrl;
  };
  options_.answer_timeout = std::chrono::milliseconds(200);
  options_.tries = 1;
  EXPECT_EQ(run("[[do]]\nreport = { temp = 1 }\n"), status_failed);
  EXPECT_THAT(output_, HasSubstr(R"("requirement":"FRAME-2")"));
  EXPECT_THAT(output_, HasSubstr(R"("requirement":"FRAME-3")"));  // 17 has no place on that topic
  EXPECT_EQ(result()["unanswered"], 1);
}

TEST_F(FleetTest, a_refusal_that_is_expected_is_none) {
  platform_.answers[root + "model/property/report"] = [](const json& frame) {
    return Platform::reply("model/property/report_ack", frame, {{"Code", "4001"}, {"Msg", "high"}});
  };
  EXPECT_EQ(run("[[do]]\nreport = { temp = 9999 }\nexpect = \"4001\"\n"), status_done) << output_;
}

TEST_F(FleetTest, a_refusal_that_is_not_expected_fails_the_run) {
  platform_.answers[root + "model/property/report"] = [](const json& frame) {
    return Platform::reply("model/property/report_ack", frame, {{"Code", "4001"}, {"Msg", "high"}});
  };
  EXPECT_EQ(run("[[do]]\nreport = { temp = 9999 }\n"), status_failed);
  EXPECT_EQ(result()["refused"], 1);
}

TEST_F(FleetTest, a_device_comes_back_after_a_relogin) {
  EXPECT_EQ(run(R"(
[[do]]
relogin = "10ms"
[[do]]
after = "20ms"
report = { temp = 1 }
)",
                3),
            status_done)
      << output_;
  EXPECT_EQ(platform_.connects.size(), 3U);
  EXPECT_EQ(platform_.on(root + "firmware_report").size(), 2U);
  EXPECT_EQ(result()["logins"], 2);
}

TEST_F(FleetTest, a_device_that_is_not_let_in_gives_up) {
  platform_.answers["/sys/device/auth"] = [](const json& frame) {
    return Platform::reply("downlink", frame, {{"Code", 4}});
  };
  EXPECT_EQ(run("[[do]]\nuplink = 1\n", 1), status_failed);
  EXPECT_EQ(result()["given_up"], 1);
  EXPECT_THAT(output_, HasSubstr("Code 4"));
}

TEST_F(FleetTest, a_device_that_never_logged_in_is_a_fault) {
  options_.answer_timeout = std::chrono::milliseconds(300);
  const int accepted = 0;  // its connection stays in the system's queue
  EXPECT_EQ(run("[devices]\nstay = \"100ms\"\n[[do]]\nuplink = 1\n", accepted), status_failed);
  EXPECT_EQ(result()["never_in"], 1) << output_;
  EXPECT_EQ(result()["status"], "failed");
  EXPECT_THAT(output_, HasSubstr("never logged in: the broker gave no answer"));
}

TEST_F(FleetTest, a_device_that_is_away_at_the_end_is_a_fault) {
  options_.answer_timeout = std::chrono::milliseconds(300);
  platform_.answers[root + "uplink"] = [this](const json&) {
    peer_.refuse_connections();
    peer_.close();
    return std::string();
  };
  EXPECT_EQ(run("[devices]\nstay = \"100ms\"\n[[do]]\nuplink = 1\n"), status_failed);
  EXPECT_EQ(result()["away_at_end"], 1) << output_;
  EXPECT_EQ(result()["unanswered"], 1) << "the uplink's";
  EXPECT_THAT(output_, HasSubstr("was away at the end without being told to: "));
}

TEST_F(FleetTest, a_device_that_was_told_to_be_away_is_none) {
  EXPECT_EQ(run("[devices]\nstay = \"200ms\"\n[[do]]\nrelogin = \"1m\"\nafter = \"50ms\"\n"),
            status_done)
      << output_;
  EXPECT_EQ(result()["away_at_end"], 0);
}

TEST_F(FleetTest, a_request_that_is_not_answered_by_the_end_is_a_fault) {
  options_.answer_timeout = std::chrono::milliseconds(300);
  platform_.answers.erase(root + "uplink");
  EXPECT_EQ(run("[devices]\nstay = \"100ms\"\n[[do]]\nuplink = 1\n"), status_failed);
  EXPECT_EQ(result()["unanswered"], 1) << output_;
  EXPECT_THAT(output_, HasSubstr("no answer to uplink until the end"));
}

}  // namespace
}  // namespace xgate::cli
