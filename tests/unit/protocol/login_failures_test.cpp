// SPDX-License-Identifier: Apache-2.0
#include "protocol/login_failures.hpp"

#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace xgate::protocol {
namespace {

using testing::ElementsAre;

constexpr LoginBackoff::Rule rule{.free = 5, .first_ms = 1000, .longest_ms = 900'000};
constexpr std::int64_t hour = 3'600'000;

TEST(LoginBackoff, five_are_free_then_each_doubles_up_to_fifteen_minutes) {
  std::vector<std::int64_t> seconds;
  for (int failures = 1; failures <= 18; ++failures) {
    seconds.push_back(LoginBackoff::wait_after(rule, failures) / 1000);
  }
  EXPECT_THAT(seconds,
              ElementsAre(0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900));
  EXPECT_EQ(LoginBackoff::wait_after(rule, 1'000'000), 900'000);
  EXPECT_EQ(LoginBackoff::wait_after({.free = 0, .first_ms = 1000, .longest_ms = 500}, 1), 500);
}

TEST(LoginBackoff, a_wait_ends_by_itself_and_the_next_failure_doubles_it) {
  LoginBackoff backoff(rule);
  std::int64_t now = 1'000'000;
  for (int i = 0; i < 5; ++i) EXPECT_EQ(backoff.failed(7, now).wait_ms, 0);
  EXPECT_EQ(backoff.standing(7, now).wait_ms, 0);
  EXPECT_EQ(backoff.failed(7, now).wait_ms, 1000);
  EXPECT_EQ(backoff.standing(7, now + 400).wait_ms, 600);
  EXPECT_EQ(backoff.standing(7, now + 1000).wait_ms, 0);
  EXPECT_EQ(backoff.standing(7, now + 1000).failures, 6);
  now += 1000;
  EXPECT_EQ(backoff.failed(7, now).wait_ms, 2000);
}

TEST(LoginBackoff, others_are_not_held_up) {
  LoginBackoff backoff(rule);
  for (int i = 0; i < 20; ++i) backoff.failed(7, 0);
  EXPECT_GT(backoff.standing(7, 1).wait_ms, 0);
  EXPECT_EQ(backoff.standing(8, 1).wait_ms, 0);
}

TEST(LoginBackoff, success_and_an_hours_quiet_after_the_wait_clear) {
  LoginBackoff backoff(rule);
  for (int i = 0; i < 16; ++i) backoff.failed(7, 0);
  backoff.succeeded(7);
  EXPECT_EQ(backoff.failed(7, 0).failures, 1);
  for (int i = 0; i < 15; ++i) backoff.failed(7, 0);
  EXPECT_EQ(backoff.standing(7, 900'000 + hour - 1).failures, 16);
  EXPECT_EQ(backoff.failed(7, 900'000 + hour).failures, 1);
}

TEST(LoginBackoff, can_be_turned_off) {
  LoginBackoff backoff({.free = 0, .first_ms = 1000, .longest_ms = 0});
  for (int i = 0; i < 50; ++i) EXPECT_EQ(backoff.failed(7, 0).wait_ms, 0);
  EXPECT_EQ(backoff.standing(7, 0).wait_ms, 0);
}

// All of these keys share the one row of eight.
TEST(LoginBackoff, nobody_unlocks_himself_by_pushing_himself_out) {
  LoginBackoff backoff(rule, 1);
  for (int i = 0; i < 10; ++i) backoff.failed(1, 0);  // the attacker's own: 16 s
  // strangers of his making, each at least as bad, until his place is taken
  for (std::uint64_t key = 2; key < 40; ++key) {
    for (int i = 0; i < 12; ++i) backoff.failed(key, 0);
  }
  EXPECT_EQ(backoff.standing(1, 0).failures, 0) << "forgotten, so one more try counts";
  EXPECT_GE(backoff.failed(1, 0).failures, 11) << "but one: he is no better off than before";
  EXPECT_GE(backoff.standing(1, 0).wait_ms, 32'000);
}

TEST(LoginBackoff, strangers_push_out_whoever_failed_least_first) {
  LoginBackoff backoff(rule, 1);
  for (int i = 0; i < 16; ++i) backoff.failed(1, 0);
  for (std::uint64_t key = 2; key < 100; ++key) backoff.failed(key, 0);
  EXPECT_EQ(backoff.standing(1, 0).failures, 16);
}

TEST(LoginBackoff, a_place_that_is_over_is_taken_before_any_other) {
  LoginBackoff backoff(rule, 1);
  for (std::uint64_t key = 1; key <= 8; ++key) backoff.failed(key, 0);
  EXPECT_EQ(backoff.failed(9, 2 * hour).failures, 1);
}

TEST(PeerBudget, so_many_at_once_then_as_they_come_back) {
  PeerBudget budget({.failures = 100, .window_ms = 10'000}, 4);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(budget.wait(1, 0), 0) << i;
    budget.failed(1, 0);
  }
  EXPECT_EQ(budget.wait(1, 0), 100);
  EXPECT_EQ(budget.wait(1, 40), 60);
  EXPECT_EQ(budget.wait(1, 100), 0);
  EXPECT_EQ(budget.wait(2, 0), 0) << "another address";
  budget.failed(1, 100);
  EXPECT_EQ(budget.wait(1, 100), 100);
  EXPECT_EQ(budget.wait(1, 10'100), 0);
}

TEST(PeerBudget, what_is_charged_beyond_it_is_no_debt) {
  PeerBudget budget({.failures = 10, .window_ms = 1000}, 4);
  for (int i = 0; i < 1000; ++i) budget.failed(1, 0);
  EXPECT_EQ(budget.wait(1, 100), 0 + 100);
  EXPECT_EQ(budget.wait(1, 200), 0);
}

TEST(PeerBudget, can_be_turned_off_and_cleared) {
  PeerBudget off({.failures = 0, .window_ms = 1000}, 4);
  for (int i = 0; i < 100; ++i) off.failed(1, 0);
  EXPECT_EQ(off.wait(1, 0), 0);
  PeerBudget budget({.failures = 1, .window_ms = 1000}, 4);
  budget.failed(1, 0);
  EXPECT_GT(budget.wait(1, 0), 0);
  budget.clear();
  EXPECT_EQ(budget.wait(1, 0), 0);
}

}  // namespace
}  // namespace xgate::protocol
