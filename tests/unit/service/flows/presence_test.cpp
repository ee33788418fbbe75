// SPDX-License-Identifier: Apache-2.0
#include "service/flows/presence.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace xgate::flows {
namespace {

constexpr BrokerLife here{"local", "epoch-1"};
constexpr BrokerLife reborn{"local", "epoch-2"};
constexpr BrokerLife elsewhere{"other", "epoch-9"};

link::Online online(std::uint64_t session, std::int64_t at_ms) {
  link::Online event;
  event.session = session;
  event.client_id = "V2_AA30C505.dev1_0_1";
  event.address = "127.0.0.1";
  event.at_ms = at_ms;
  return event;
}
link::Offline offline(std::uint64_t session, std::int64_t at_ms) {
  link::Offline event;
  event.session = session;
  event.at_ms = at_ms;
  return event;
}

TEST(Presence, ID_7_the_first_login_activates_and_the_second_does_not) {
  store::Presence presence;
  EXPECT_TRUE(came_online(presence, here, online(1, 1000)));
  EXPECT_TRUE(presence.online);
  EXPECT_EQ(presence.activated_at_ms, 1000);
  went_offline(presence, here, offline(1, 2000));
  came_online(presence, here, online(2, 3000));
  EXPECT_EQ(presence.activated_at_ms, 1000);
  EXPECT_EQ(presence.online_at_ms, 3000);
}

TEST(Presence, V2_5_the_end_marks_offline_with_its_time) {
  store::Presence presence;
  came_online(presence, here, online(1, 1000));
  EXPECT_TRUE(went_offline(presence, here, offline(1, 2000)));
  EXPECT_FALSE(presence.online);
  EXPECT_EQ(presence.offline_at_ms, 2000);
}

TEST(Presence, V2_5_a_takeover_leaves_the_device_online_in_either_order) {
  store::Presence late_end;
  came_online(late_end, here, online(1, 1000));
  came_online(late_end, here, online(2, 1500));
  EXPECT_FALSE(went_offline(late_end, here, offline(1, 1501)));
  EXPECT_TRUE(late_end.online);
  EXPECT_FALSE(late_end.offline_at_ms);

  store::Presence early_end;
  came_online(early_end, here, online(1, 1000));
  went_offline(early_end, here, offline(1, 1499));
  came_online(early_end, here, online(2, 1500));
  EXPECT_TRUE(early_end.online);
}

TEST(Presence, what_is_told_again_changes_nothing) {
  store::Presence presence;
  came_online(presence, here, online(1, 1000));
  went_offline(presence, here, offline(1, 2000));
  const auto before = presence;
  EXPECT_FALSE(came_online(presence, here, online(1, 1000)));
  EXPECT_FALSE(went_offline(presence, here, offline(1, 2000)));
  EXPECT_EQ(presence, before);
  came_online(presence, here, online(3, 4000));
  EXPECT_FALSE(came_online(presence, here, online(2, 3000))) << "overtaken";
  EXPECT_EQ(presence.session, 3);
}

TEST(Presence, DOWN_1_what_an_earlier_session_subscribed_to_is_over_or_brought_along) {
  const std::string brought = " " + std::string(store::Presence::brought_along) + " ";
  store::Presence presence;
  auto event = online(1, 1000);
  event.clean_start = true;
  came_online(presence, here, event);
  EXPECT_EQ(presence.listens, " ");
  came_online(presence, here, online(2, 2000));
  EXPECT_EQ(presence.listens, " ") << "not known yet";
  EXPECT_THAT(now_listens(presence, here, {.session = 2, .device = {}}),
              testing::ElementsAre(store::Presence::brought_along));
  EXPECT_EQ(presence.listens, brought);
  EXPECT_THAT(now_listens(presence, here, {.session = 2, .device = {}}), testing::IsEmpty());
  EXPECT_THAT(now_listens(presence, here, {.session = 1, .device = {}, .filter = "downlink"}),
              testing::IsEmpty());

  // Told only by the list of live sessions: what it subscribed to was told to nobody.
  event = online(3, 3000);
  event.clean_start = true;
  is_live(presence, here, event);
  EXPECT_FALSE(may_listen(presence, here, 2)) << "another session";
  EXPECT_TRUE(may_listen(presence, here, 3));
  EXPECT_EQ(presence.listens, brought);
  EXPECT_FALSE(is_live(presence, here, event));
  EXPECT_TRUE(may_listen(presence, here, 3));
  EXPECT_EQ(presence.listens, brought) << "again";
  EXPECT_THAT(now_listens(presence, here, {.session = 3, .device = {}, .unheard = 7}),
              testing::IsEmpty())
      << "told again: nothing was resumed";
  went_offline(presence, here, offline(3, 4000));
  EXPECT_FALSE(may_listen(presence, here, 3));
}

TEST(Presence, a_life_that_ended_ends_who_was_online_in_it) {
  store::Presence presence;
  came_online(presence, here, online(1, 1000));
  life_ended(presence, here, 2000);
  EXPECT_TRUE(presence.online) << "it is this one";
  life_ended(presence, elsewhere, 2000);
  EXPECT_TRUE(presence.online) << "another broker's";
  life_ended(presence, reborn, 2000);
  EXPECT_FALSE(presence.online);
  EXPECT_EQ(presence.offline_at_ms, 2000);
}

TEST(Presence, DOWN_1_what_is_given_up_is_not_listened_to) {
  store::Presence presence;
  came_online(presence, here, online(1, 1000));
  now_listens(presence, here, {.session = 1, .device = {}, .filter = "downlink"});
  now_listens(presence, here, {.session = 1, .device = {}, .filter = "ask_config"});
  EXPECT_FALSE(
      listens_no_more(presence, here, {.session = 2, .device = {}, .given_up = " downlink "}));
  EXPECT_TRUE(listens_no_more(presence, here,
                              {.session = 1, .device = {}, .given_up = " downlink ota_notify "}));
  EXPECT_EQ(presence.listens, " ask_config ");
  EXPECT_FALSE(
      listens_no_more(presence, here, {.session = 1, .device = {}, .given_up = " downlink "}));
  EXPECT_THAT(now_listens(presence, here, {.session = 1, .device = {}, .filter = "downlink"}),
              testing::ElementsAre("downlink"));
}

TEST(Presence, AUTH_10_an_auth_login_says_nothing_about_operation) {
  store::Presence presence;
  auto event = online(1, 1000);
  event.auth_login = true;
  EXPECT_FALSE(came_online(presence, here, event));
  EXPECT_FALSE(presence.activated_at_ms);
  came_online(presence, here, online(1, 1000));
  auto end = offline(1, 2000);
  end.auth_login = true;
  EXPECT_FALSE(went_offline(presence, here, end));
}

TEST(Presence, a_new_life_of_the_broker_counts_whatever_its_clock_and_numbers_say) {
  store::Presence presence;
  came_online(presence, here, online(50, 9000));
  EXPECT_TRUE(came_online(presence, reborn, online(1, 1000)));
  EXPECT_EQ(presence.session, 1);
  EXPECT_FALSE(went_offline(presence, here, offline(1, 9500))) << "an end of the life before";
}

TEST(Presence, between_brokers_the_later_login_counts) {
  store::Presence presence;
  came_online(presence, elsewhere, online(1, 5000));
  EXPECT_FALSE(came_online(presence, here, online(8, 4000)));
  EXPECT_TRUE(came_online(presence, here, online(9, 6000)));
  EXPECT_FALSE(went_offline(presence, elsewhere, offline(1, 6001)));
  EXPECT_TRUE(presence.online);
}

TEST(Presence, V2_3_the_last_accepted_timestamp_of_type_1_only_grows) {
  store::Presence presence;
  auto event = online(1, 1000);
  event.login_type = 1;
  event.timestamp = 1'700'000'000;
  came_online(presence, here, event);
  EXPECT_EQ(presence.used.newest, 1'700'000'000);
  auto type0 = online(2, 2000);
  type0.timestamp = 1'800'000'000;
  came_online(presence, here, type0);
  EXPECT_EQ(presence.used.newest, 1'700'000'000) << "type 0 is never checked";
  event.session = 3;
  event.timestamp = 1'600'000'000;
  came_online(presence, here, event);
  EXPECT_EQ(presence.used.newest, 1'700'000'000);
}

TEST(Presence, a_listed_session_heals_an_end_that_was_believed) {
  store::Presence presence;
  came_online(presence, here, online(1, 1000));
  went_offline(presence, here, offline(1, 2000));
  EXPECT_TRUE(is_live(presence, here, online(1, 1000)));
  EXPECT_TRUE(presence.online);
  EXPECT_FALSE(is_live(presence, here, online(1, 1000))) << "nothing new";
  came_online(presence, here, online(2, 3000));
  EXPECT_FALSE(is_live(presence, here, online(1, 1000))) << "overtaken";
}

}  // namespace
}  // namespace xgate::flows
