// SPDX-License-Identifier: Apache-2.0
#include "service/web/places.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace xgate::web {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class PlacesTest : public ::testing::Test {
 protected:
  struct Guest {
    std::unique_ptr<Place> place;
    bool lost = false;
  };
  /// Null where there is none.
  std::unique_ptr<Guest> come(std::string_view address) {
    auto taken = places_->take(address, now_);
    short_of_ = taken.of;
    if (!taken.place) return nullptr;
    auto guest = std::make_unique<Guest>();
    guest->place = std::move(taken.place);
    guest->place->when_lost([here = guest.get()] { here->lost = true; });
    return guest;
  }
  std::unique_ptr<Guest> busy(std::string_view address) {
    auto guest = come(address);
    if (guest) guest->place->busy();
    return guest;
  }

  Place::Clock::time_point now_{seconds(1000)};
  std::shared_ptr<Places> places_ = Places::make({.all = 4, .per_address = 2});
  Places::Short short_of_ = Places::Short::all;
};

TEST_F(PlacesTest, are_shared_out_per_address) {
  const auto first = busy("192.0.2.1");
  auto second = busy("::ffff:192.0.2.1");
  EXPECT_FALSE(come("192.0.2.1"));
  EXPECT_EQ(short_of_, Places::Short::address);
  EXPECT_TRUE(busy("192.0.2.2"));
  second.reset();
  EXPECT_TRUE(come("192.0.2.1"));
}

TEST_F(PlacesTest, of_an_ipv6_network_are_one_address) {
  const auto first = busy("2001:db8::1");
  const auto second = busy("2001:db8::2");
  EXPECT_FALSE(come("2001:db8::3"));
  EXPECT_TRUE(come("2001:db8:0:1::1"));
}

TEST_F(PlacesTest, end_for_all) {
  const auto a = busy("192.0.2.1");
  const auto b = busy("192.0.2.2");
  const auto c = busy("192.0.2.3");
  auto d = busy("192.0.2.4");
  EXPECT_FALSE(come("192.0.2.5"));
  EXPECT_EQ(short_of_, Places::Short::all);
  d.reset();
  EXPECT_TRUE(come("192.0.2.5"));
}

TEST_F(PlacesTest, of_the_silent_go_to_who_comes) {
  const auto silent = come("192.0.2.1");
  const auto other = busy("192.0.2.1");
  EXPECT_FALSE(come("192.0.2.1")) << "it may be about to speak";
  now_ += Places::grace;
  const auto next = come("192.0.2.1");
  EXPECT_TRUE(next);
  EXPECT_TRUE(silent->lost);
  EXPECT_FALSE(other->lost);
  EXPECT_EQ(places_->taken(), 2U);
  silent->place->silent(now_);  // what it does now is of no account
  silent->place->busy();
  EXPECT_EQ(places_->taken(), 2U);
}

TEST_F(PlacesTest, of_others_are_not_for_an_address_that_has_its_share) {
  const auto silent = come("192.0.2.2");
  const auto a = busy("192.0.2.1");
  const auto b = busy("192.0.2.1");
  now_ += seconds(10);
  EXPECT_FALSE(come("192.0.2.1"));
  EXPECT_FALSE(silent->lost);
}

TEST_F(PlacesTest, are_lost_first_by_who_never_spoke_then_by_who_is_silent_longest) {
  const auto spoke = busy("192.0.2.1");
  spoke->place->silent(now_);  // waits for its next request
  now_ += seconds(1);
  const auto older = come("192.0.2.2");
  now_ += seconds(1);
  const auto newer = come("192.0.2.3");
  const auto working = busy("192.0.2.4");
  now_ += seconds(1);
  std::vector<std::unique_ptr<Guest>> guests;
  guests.push_back(busy("192.0.2.5"));
  EXPECT_TRUE(older->lost);
  EXPECT_FALSE(newer->lost || spoke->lost);
  guests.push_back(busy("192.0.2.6"));
  EXPECT_TRUE(newer->lost);
  EXPECT_FALSE(spoke->lost);
  guests.push_back(busy("192.0.2.7"));
  EXPECT_TRUE(spoke->lost);
  EXPECT_FALSE(come("192.0.2.8"));
  EXPECT_FALSE(working->lost);
}

TEST_F(PlacesTest, of_who_turns_out_to_be_a_stranger_go_as_if_he_had_said_nothing) {
  const auto stranger = busy("192.0.2.1");
  now_ += seconds(1);
  const auto silent = come("192.0.2.1");
  stranger->place->busy_no_more();
  stranger->place->busy_no_more();
  now_ += seconds(1);
  EXPECT_TRUE(come("192.0.2.1"));
  EXPECT_TRUE(stranger->lost);
  EXPECT_FALSE(silent->lost);
}

TEST_F(PlacesTest, of_one_share_change_hands_too) {
  places_ = Places::make({.all = 4, .per_address = 1});
  const auto first = come("192.0.2.1");
  now_ += seconds(1);
  const auto second = come("192.0.2.1");
  EXPECT_TRUE(second);
  EXPECT_TRUE(first->lost);
  EXPECT_EQ(places_->taken(), 1U);
}

}  // namespace
}  // namespace xgate::web
