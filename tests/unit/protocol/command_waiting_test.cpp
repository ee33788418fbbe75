// SPDX-License-Identifier: Apache-2.0
#include "protocol/command_waiting.hpp"

#include <gtest/gtest.h>

namespace xgate::protocol {
namespace {

TEST(CommandWaiting, every_word_is_read_as_it_is_written) {
  for (int i = 0; i <= static_cast<int>(WaitingFor::answer); ++i) {
    const auto what = static_cast<WaitingFor>(i);
    EXPECT_EQ(waiting_for_from(to_string(what)), what);
    EXPECT_FALSE(why_expired(what, "/sys/O/P/N/downlink", false).empty()) << to_string(what);
  }
  EXPECT_FALSE(waiting_for_from(""));
}

TEST(CommandWaiting, only_what_waits_for_a_subscription_names_the_topic) {
  const std::string topic = "/sys/O/P/N/downlink";
  EXPECT_EQ(why_waiting(WaitingFor::subscription, topic),
            "the device has not subscribed to /sys/O/P/N/downlink");
  EXPECT_EQ(why_expired(WaitingFor::subscription, topic, false),
            "the device was online, but did not subscribe in time to /sys/O/P/N/downlink");
  EXPECT_EQ(why_waiting(WaitingFor::online, topic), "the device is offline");
}

TEST(CommandWaiting, nothing_holds_up_what_is_on_its_way_or_with_the_device) {
  EXPECT_EQ(why_waiting(WaitingFor::broker, "t"), "");
  EXPECT_EQ(why_waiting(WaitingFor::answer, "t"), "");
}

TEST(CommandWaiting, what_the_device_had_received_is_told_apart) {
  EXPECT_NE(why_expired(WaitingFor::answer, "t", true),
            why_expired(WaitingFor::answer, "t", false));
}

}  // namespace
}  // namespace xgate::protocol
