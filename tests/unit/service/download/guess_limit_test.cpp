// SPDX-License-Identifier: Apache-2.0
#include "service/download/guess_limit.hpp"

#include <string>

#include <gtest/gtest.h>

namespace xgate::download {
namespace {

constexpr auto guesser = "192.0.2.1";
constexpr auto short_id = "E0C040B1";
constexpr std::int64_t now_ms = 1'000'000;
constexpr std::int64_t hour_ms = 3'600'000;

TEST(GuessLimit, OTA_4_an_address_may_try_so_many_and_then_waits) {
  GuessLimit guesses(10);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(guesses.wait_s(guesser, short_id, "", now_ms), 0) << i;
    guesses.guessed(guesser, now_ms);
  }
  EXPECT_EQ(guesses.wait_s(guesser, short_id, "", now_ms), 360);
  EXPECT_EQ(guesses.wait_s(guesser, short_id, "192.0.2.9", now_ms), 360) << "of another's device";
  EXPECT_EQ(guesses.wait_s("192.0.2.2", short_id, "", now_ms), 0);
  EXPECT_EQ(guesses.wait_s(guesser, short_id, "", now_ms + hour_ms / 10), 0) << "one comes back";
  guesses.guessed(guesser, now_ms + hour_ms / 10);
  EXPECT_GT(guesses.wait_s(guesser, short_id, "", now_ms + hour_ms / 10), 0);
}

TEST(GuessLimit, OTA_4_who_cannot_have_guessed_does_not_wait) {
  GuessLimit guesses(1);
  for (int i = 0; i < 100; ++i) guesses.guessed(guesser, now_ms);
  EXPECT_EQ(guesses.wait_s(guesser, short_id, guesser, now_ms), 0) << "its device is there";
  EXPECT_EQ(guesses.wait_s(guesser, short_id, "::ffff:192.0.2.1", now_ms), 0);
  EXPECT_EQ(guesses.wait_s(guesser, std::string(32, 'A'), "", now_ms), 0) << "122 bits";
}

TEST(GuessLimit, OTA_4_who_shares_an_address_with_many_devices_guesses_theirs_but_so_often) {
  GuessLimit guesses(1);
  guesses.guessed(guesser, now_ms);
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(guesses.wait_s(guesser, short_id, guesser, now_ms), 0) << i;
    ASSERT_GT(guesses.wait_s(guesser, short_id, "", now_ms), 0) << "in vain";
  }
  EXPECT_EQ(guesses.wait_s(guesser, short_id, guesser, now_ms), 3600) << "as for any other";
  EXPECT_EQ(guesses.wait_s(guesser, std::string(32, 'A'), guesser, now_ms), 0);
  const auto later_ms = now_ms + hour_ms / 100;
  EXPECT_EQ(guesses.wait_s(guesser, short_id, guesser, later_ms), 0) << "one comes back";
}

TEST(GuessLimit, OTA_4_all_addresses_together_may_try_a_hundred_times_as_many) {
  GuessLimit guesses(10);
  const auto network = [](int i) { return "2001:db8:0:" + std::to_string(i) + "::1"; };
  for (int i = 0; i < 1000; ++i) {
    ASSERT_EQ(guesses.wait_s(network(i), short_id, "", now_ms), 0) << i;
    guesses.guessed(network(i), now_ms);
  }
  EXPECT_GT(guesses.wait_s(network(1000), short_id, "", now_ms), 0) << "though it never tried";
  EXPECT_EQ(guesses.wait_s(guesser, short_id, guesser, now_ms), 0) << "a device, where it lives";
  EXPECT_EQ(guesses.wait_s(network(1000), short_id, "", now_ms + hour_ms / 1000), 0);
}

TEST(GuessLimit, addresses_of_one_ipv6_network_are_one) {
  GuessLimit guesses(1);
  guesses.guessed("2001:db8::1", now_ms);
  EXPECT_GT(guesses.wait_s("2001:db8::2", short_id, "", now_ms), 0);
  EXPECT_EQ(guesses.wait_s("2001:db8:0:1::2", short_id, "", now_ms), 0);
}

TEST(GuessLimit, zero_is_no_limit) {
  GuessLimit guesses(0);
  for (int i = 0; i < 1000; ++i) guesses.guessed(guesser, now_ms);
  EXPECT_EQ(guesses.wait_s(guesser, short_id, "", now_ms), 0);
}

}  // namespace
}  // namespace xgate::download
