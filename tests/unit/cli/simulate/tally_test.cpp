// SPDX-License-Identifier: Apache-2.0
#include "cli/simulate/tally.hpp"

#include <gtest/gtest.h>

namespace xgate::cli {
namespace {

TEST(LatenciesTest, quantiles_are_right_within_a_step) {
  Latencies latencies;
  EXPECT_EQ(latencies.milliseconds_at(0.5), 0);
  for (int i = 0; i < 980; ++i) latencies.add(std::chrono::milliseconds(2));
  for (int i = 0; i < 20; ++i) latencies.add(std::chrono::milliseconds(700));
  EXPECT_NEAR(latencies.milliseconds_at(0.50), 2, 0.2);
  EXPECT_NEAR(latencies.milliseconds_at(0.99), 700, 70);
  latencies.add(std::chrono::hours(100));
  latencies.add(std::chrono::microseconds(-1));
  EXPECT_NEAR(latencies.milliseconds_at(0.50), 2, 0.2);
}

TEST(TallyTest, what_makes_a_run_fail) {
  Tally tally;
  tally.lost = 1;
  EXPECT_TRUE(tally.as_the_protocol_wants());
  for (auto member : {&Tally::faults, &Tally::refused, &Tally::unanswered, &Tally::given_up}) {
    Tally failed;
    failed.*member = 1;
    EXPECT_FALSE(failed.as_the_protocol_wants());
  }
}

}  // namespace
}  // namespace xgate::cli
