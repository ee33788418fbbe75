// SPDX-License-Identifier: Apache-2.0
#include "protocol/used_timestamps.hpp"

#include <algorithm>
#include <random>
#include <set>

#include <gtest/gtest.h>

namespace xgate::protocol {
namespace {

constexpr std::int64_t t0 = 1'700'000'000;
constexpr std::int64_t allowance = 60;

TEST(UsedTimestamps, V2_3_a_right_clock_only_goes_forwards) {
  UsedTimestamps used;
  EXPECT_FALSE(used.holds(t0));
  used.use(t0, t0);
  EXPECT_TRUE(used.holds(t0));
  EXPECT_TRUE(used.holds(t0 - 1));
  EXPECT_TRUE(used.holds(t0 - 1000));
  EXPECT_FALSE(used.holds(t0 + 1));
}

TEST(UsedTimestamps, V2_3_a_clock_that_is_slow_goes_forwards_too) {
  UsedTimestamps used;
  used.use(t0 - 3000, t0);
  EXPECT_TRUE(used.holds(t0 - 3000));
  EXPECT_TRUE(used.holds(t0 - 3001));
  EXPECT_FALSE(used.holds(t0 - 2999));
}

TEST(UsedTimestamps, V2_3_a_clock_that_was_ahead_gets_in_once_it_is_right) {
  for (std::int64_t ahead = 1; ahead <= allowance; ++ahead) {
    UsedTimestamps used;
    used.use(t0 + ahead, t0);
    EXPECT_TRUE(used.holds(t0 + ahead)) << "a replay";
    EXPECT_TRUE(used.holds(t0 - 1)) << "older than the login by everybody's clock";
    for (std::int64_t passed = 1; passed < ahead; ++passed) {
      EXPECT_FALSE(used.holds(t0 + passed)) << ahead << " ahead, set right " << passed << " later";
      used.use(t0 + passed, t0 + passed);
      EXPECT_TRUE(used.holds(t0 + passed));
      EXPECT_TRUE(used.holds(t0 + passed - 1));
    }
    EXPECT_TRUE(used.holds(t0 + ahead)) << "still";
    EXPECT_FALSE(used.holds(t0 + ahead + 1));
  }
}

/// Devices whose clocks are set back and forth, watched by somebody who tries all that he has seen.
TEST(UsedTimestamps, V2_3_nothing_that_was_accepted_is_ever_accepted_again) {
  std::mt19937 random(20261130);
  const auto between = [&](std::int64_t least, std::int64_t most) {
    return std::uniform_int_distribution<std::int64_t>(least, most)(random);
  };
  for (int device = 0; device < 200; ++device) {
    UsedTimestamps used;
    std::set<std::int64_t> accepted;
    std::int64_t now = t0;
    std::int64_t off = 0;
    for (int login = 0; login < 500; ++login) {
      now += between(0, 5) == 0 ? between(0, 200) : between(0, 2);
      if (between(0, 9) == 0) off = between(-100, allowance);
      const auto timestamp = now + off;
      if (timestamp <= now + allowance && !used.holds(timestamp)) {
        ASSERT_TRUE(accepted.insert(timestamp).second);
        used.use(timestamp, now);
      }
      for (const auto captured : accepted) ASSERT_TRUE(used.holds(captured));
    }
  }
}

TEST(UsedTimestamps, what_two_know_of_adds_up_in_either_order) {
  UsedTimestamps stored;
  stored.use(t0 + 50, t0);
  UsedTimestamps seen{0, 0};
  seen.use(t0 + 5, t0 + 5);
  seen.use(t0 + 55, t0 + 6);
  auto one = stored;
  one.add(seen);
  auto other = seen;
  other.add(stored);
  EXPECT_EQ(one, other);
  for (const auto timestamp : {t0 + 5, t0 + 50, t0 + 55, t0 + 4, t0 - 100}) {
    EXPECT_TRUE(one.holds(timestamp)) << timestamp - t0;
  }
  EXPECT_FALSE(one.holds(t0 + 7));
  auto alone = stored;
  alone.add(UsedTimestamps{0, 0});
  EXPECT_EQ(alone, stored);
}

}  // namespace
}  // namespace xgate::protocol
