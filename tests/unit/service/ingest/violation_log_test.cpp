// SPDX-License-Identifier: Apache-2.0
#include "service/ingest/violation_log.hpp"

#include <gtest/gtest.h>

namespace xgate::ingest {
namespace {

TEST(ViolationLog, a_noisy_device_gets_five_lines_a_window_and_then_a_count) {
  ViolationLog log;
  std::uint64_t untold = 0;
  int lines = 0;
  for (int i = 0; i < 100; ++i) {
    lines += log.admit("P.noisy", 1000, untold) ? 1 : 0;
  }
  EXPECT_EQ(lines, 5);
  EXPECT_TRUE(log.admit("P.quiet", 1000, untold)) << "another device is not silenced";
  EXPECT_EQ(untold, 0U);
  EXPECT_TRUE(log.admit("P.noisy", 11'000, untold));
  EXPECT_EQ(untold, 95U);
}

TEST(ViolationLog, a_clock_set_back_silences_no_one) {
  ViolationLog log;
  std::uint64_t untold = 0;
  for (int i = 0; i < 10; ++i) log.admit("P.N", 1'000'000, untold);
  EXPECT_TRUE(log.admit("P.N", 5, untold));
}

}  // namespace
}  // namespace xgate::ingest
