// SPDX-License-Identifier: Apache-2.0
#include "cli/simulate/fleet_report.hpp"

#include <algorithm>
#include <sstream>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace xgate::cli {
namespace {

using testing::HasSubstr;

struct FleetReportTest : ::testing::Test {
  std::istringstream in;
  std::ostringstream out;
  std::ostringstream err;
  Environment env{.in = in, .out = out, .err = err};
  Tally tally;

  void meet(FleetReport& report) {
    for (int i = 0; i < 300; ++i) {
      ++tally.faults;
      report.fault("P.SIM" + std::to_string(i),
                   {"UP-1", "no answer to MessageId " + std::to_string(i) + " in 5 s", ""});
    }
    ++tally.faults;
    report.fault("P.SIM7", {"PROP-1", "4001: \"temp\" is unknown", "see the model"});
    report.fault("P.SIM8", {"PROP-1", "4001: \"humi\" is unknown", "see the model"});
    report.finish(std::chrono::seconds(2));
  }
};

TEST_F(FleetReportTest, tells_the_first_of_a_kind_and_at_the_end_how_many) {
  FleetReport report(env, false, tally);
  meet(report);
  const std::string text = out.str();
  EXPECT_THAT(text, HasSubstr("✗ P.SIM0  UP-1: no answer to MessageId 0 in 5 s\n"));
  EXPECT_THAT(text, HasSubstr("✗ 300×, the first: P.SIM0  UP-1: no answer"));
  EXPECT_THAT(text, HasSubstr("✗ 2×, the first: P.SIM7  PROP-1: 4001: \"temp\" is unknown · see"));
  EXPECT_EQ(std::ranges::count(text, '\n'), 6) << text;
}

TEST_F(FleetReportTest, tells_a_program_the_same_in_the_result) {
  FleetReport report(env, true, tally);
  meet(report);
  const std::string text = out.str();
  EXPECT_EQ(std::ranges::count(text, '\n'), 51) << "fifty faults and the result";
  const auto last = text.substr(text.rfind('\n', text.size() - 2) + 1);
  const auto kinds = nlohmann::json::parse(last).at("fault_kinds");
  ASSERT_EQ(kinds.size(), 2U);
  EXPECT_EQ(kinds[0].at("count"), 300);
  EXPECT_EQ(kinds[0].at("device"), "P.SIM0");
  EXPECT_EQ(kinds[1].at("requirement"), "PROP-1");
}

TEST_F(FleetReportTest, tells_an_outage_once_and_its_end) {
  FleetReport report(env, false, tally);
  report.look(std::chrono::milliseconds(0));
  tally.away = 1;
  tally.away_reason = "the broker closed the connection";
  report.look(std::chrono::milliseconds(100));
  tally.away = 3;
  report.look(std::chrono::milliseconds(200));
  tally.away = 0;
  report.look(std::chrono::milliseconds(4100));
  const std::string text = out.str();
  EXPECT_THAT(text, HasSubstr("! connection lost: the broker closed the connection; connecting"));
  EXPECT_THAT(text, HasSubstr("✓ connected again after 4.0 s\n"));
  EXPECT_EQ(std::ranges::count(text, '\n'), 3) << text;
}

TEST_F(FleetReportTest, does_not_say_that_it_is_back_where_devices_gave_up) {
  FleetReport report(env, false, tally);
  tally.away = 2;
  report.look(std::chrono::milliseconds(0));
  tally.away = 0;
  tally.given_up = 2;
  report.look(std::chrono::seconds(600));
  EXPECT_THAT(out.str(), HasSubstr("! no longer trying, after 600.0 s: 2 devices gave up"));
}

TEST_F(FleetReportTest, says_the_same_in_chinese) {
  env.language = texts::Language::zh;
  FleetReport report(env, false, tally);
  tally.devices = 4;
  tally.connected = 3;
  tally.sent = 20;
  tally.resent = 1;
  tally.acked = 19;
  tally.commands = 2;
  tally.away = 1;
  tally.away_reason = "the broker closed it";
  report.look(std::chrono::milliseconds(0));
  tally.away = 0;
  tally.given_up = 1;
  report.look(std::chrono::seconds(600));
  report.fault("P.SIM1", {"FRAME-4", "the ack's Msg is no string", "FRAME-4 wants one."});
  tally.not_begun = 1;
  report.finish(std::chrono::seconds(601));
  const std::string text = out.str();
  for (const char* said :
       {"已连接 3/4 · 已发送 20 · 已应答 19 · 重发 1 · 已应答命令 0/2 · p50 0.0 p99 0.0 ms",
        "! 连接中断：broker 关闭了连接；将重连直至恢复", "! 600.0 秒后不再尝试：1 台设备放弃",
        "✗ P.SIM1  FRAME-4: 应答的 Msg 不是字符串 · FRAME-4 要求有。",
        "✗ 共 1 次，首次：P.SIM1  FRAME-4: 应答的 Msg",
        "失败：4 台设备（其中 1 台尚未开始），601.0 秒，有不符合协议之处。"})
    EXPECT_THAT(text, HasSubstr(said));
}

}  // namespace
}  // namespace xgate::cli
