// SPDX-License-Identifier: Apache-2.0
#include "protocol/listening.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace xgate::protocol {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

TEST(Listening, single_topics) {
  EXPECT_THAT(command_topics_heard("downlink"), ElementsAre("downlink"));
  EXPECT_THAT(command_topics_heard("downloadlink"), ElementsAre("downlink_table"));
  EXPECT_THAT(command_topics_heard("model/property/set"), ElementsAre("property_set"));
  EXPECT_THAT(command_topics_heard("model/hex/downlink"), ElementsAre("hex_downlink"));
}

TEST(Listening, acks_are_no_commands) {
  for (const auto* suffix : {"uplink_ack", "model/property/report_ack", "update_time_ack", "",
                             "downlink/more", "model", "model/property"}) {
    EXPECT_THAT(command_topics_heard(suffix), IsEmpty()) << suffix;
    EXPECT_FALSE(hears_commands(suffix)) << suffix;
  }
}

TEST(Listening, one_service_or_all) {
  EXPECT_THAT(command_topics_heard("model/service/switch"), ElementsAre("service_call/switch"));
  EXPECT_THAT(command_topics_heard("model/service/+"), ElementsAre("service_call"));
  EXPECT_THAT(command_topics_heard("model/service/#"), ElementsAre("service_call"));
  EXPECT_THAT(command_topics_heard("model/service/switch/ack"), IsEmpty());
}

TEST(Listening, plus_covers_one_level_and_hash_all) {
  const auto plus = command_topics_heard("+");
  EXPECT_THAT(plus, ElementsAre("downlink", "downlink_table", "ask_firmware", "ota_notify",
                                "ask_config", "down_config", "down_config_table"));
  EXPECT_EQ(command_topics_heard("#").size(), 11U);
  EXPECT_THAT(command_topics_heard("model/#"),
              ElementsAre("property_set", "property_ask", "service_call", "hex_downlink"));
  EXPECT_THAT(command_topics_heard("downlink/#"), ElementsAre("downlink"));
  EXPECT_THAT(command_topics_heard("model/+/set"), ElementsAre("property_set", "service_call/set"));
  EXPECT_THAT(plus, Not(Contains("property_set")));
}

TEST(Listening, what_is_given_up_is_what_no_other_filter_covers) {
  const std::vector<std::string> others{"model/service/+", "downlink"};
  EXPECT_EQ(command_topics_given_up("ask_config", others), " ask_config ");
  EXPECT_EQ(command_topics_given_up("downlink", others), "");
  EXPECT_EQ(command_topics_given_up("+", others),
            " downlink_table ask_firmware ota_notify ask_config down_config down_config_table ");
  EXPECT_EQ(words_of_command_topic(TopicName::service_call, "switch"),
            " service_call service_call/switch ");
}

}  // namespace
}  // namespace xgate::protocol
