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

}  // namespace
}  // namespace xgate::cli
