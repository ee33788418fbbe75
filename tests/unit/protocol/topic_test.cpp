// SPDX-License-Identifier: Apache-2.0
#include "protocol/topic.hpp"

#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "topic_rows.hpp"

namespace xgate::protocol {
namespace {

constexpr IdentityView example_device{"7ED01E2A", "AA30C505", "20MQTTJ000121"};
const std::string example_root = "/sys/7ED01E2A/AA30C505/20MQTTJ000121/";

TEST(Topic, TOPIC_every_row_is_as_section_2_3_says) {
  // and /sys/device/auth, which is not below T
  ASSERT_EQ(topic_table().size(), expected_rows().size() + 1);
  for (const auto& expected : expected_rows()) {
    const auto& row = row_of(expected.name);
    SCOPED_TRACE(expected.suffix);
    EXPECT_EQ(row.name, expected.name);
    EXPECT_EQ(row.requirement, expected.requirement);
    EXPECT_EQ(row.verb, expected.verb);
    EXPECT_THAT(row.header_ctrls, testing::ElementsAreArray(expected.commands));
    EXPECT_EQ(row.ack, expected.ack);
  }
}

TEST(Topic, TOPIC_every_row_builds_and_parses) {
  for (const auto& expected : expected_rows()) {
    const auto topic = example_root + expected.suffix;
    SCOPED_TRACE(topic);
    EXPECT_EQ(build_topic(expected.name, example_device, expected.identifier), topic);
    const auto match = parse_topic(topic);
    ASSERT_TRUE(match);
    EXPECT_EQ(match->name, expected.name);
    EXPECT_EQ(match->device, example_device);
    EXPECT_EQ(match->identifier, expected.identifier);
  }
}

TEST(Topic, TOPIC_2_auth_names_no_device) {
  EXPECT_EQ(build_topic(TopicName::auth, example_device), "/sys/device/auth");
  const auto match = parse_topic("/sys/device/auth");
  ASSERT_TRUE(match);
  EXPECT_EQ(match->name, TopicName::auth);
  EXPECT_EQ(match->device, IdentityView{});
  EXPECT_EQ(row_of(TopicName::auth).verb, DeviceVerb::publish);
  EXPECT_THAT(row_of(TopicName::auth).header_ctrls, testing::ElementsAre(1));
  EXPECT_EQ(row_of(TopicName::auth).ack, TopicName::downlink);
}

TEST(Topic, every_row_has_a_name_of_its_own) {
  std::set<std::string_view> names;
  for (const auto& row : topic_table()) names.insert(to_string(row.name));
  EXPECT_EQ(names.size(), topic_table().size());
  EXPECT_EQ(to_string(TopicName::downlink_ack_table), "downlink_ack_table");
  EXPECT_EQ(to_string(TopicName::hex_full_ack), "hex_full_ack");
}

TEST(Topic, TOPIC_what_is_no_row_does_not_parse) {
  for (const auto& suffix :
       std::vector<std::string>{"",
                                "uplin",
                                "uplinkk",
                                "uplink/",
                                "/uplink",
                                "UPLINK",
                                "uplink/x",
                                "model",
                                "model/",
                                "model/property",
                                "model/property/report/",
                                "model/hex/",
                                "model/hexx",
                                "+",
                                "#",
                                "model/event/report",
                                "model/event//report",
                                "model/event/a/b/report",
                                "model/event/alarm/report_",
                                "model/event/alarm",
                                "model/event/",
                                "model/event/+/report",
                                "model/event/#",
                                "model/event/al arm/report",
                                "model/event/al\xC3\xA4rm/report",
                                "model/service/",
                                "model/service//ack",
                                "model/service/+",
                                "model/service/a/acks",
                                "model/service/a/b",
                                "model/history/data/report_ack_and_much_more_than_any_row_has"}) {
    EXPECT_FALSE(parse_topic(example_root + suffix)) << suffix;
    EXPECT_FALSE(match_suffix(suffix)) << suffix;
  }
}

TEST(Topic, an_identifier_is_one_level_of_up_to_64_characters) {
  const std::string longest(64, 'a');
  EXPECT_TRUE(match_suffix("model/service/" + longest));
  EXPECT_FALSE(match_suffix("model/service/" + longest + "a"));
  EXPECT_TRUE(match_suffix("model/event/A_b-9/report"));
}

TEST(Topic, TOPIC_11_12_an_identifier_may_be_headed_by_its_modules) {
  const std::string longest(64, 'a');
  EXPECT_EQ(match_suffix("model/event/lamp:on/report")->identifier, "lamp:on");
  EXPECT_EQ(match_suffix("model/service/lamp:on/ack")->identifier, "lamp:on");
  EXPECT_TRUE(match_filter_suffix("model/service/" + longest + ':' + longest));
  for (const std::string wrong : {":on", "lamp:", ":", "a:b:c", "lamp::on"}) {
    EXPECT_FALSE(match_suffix("model/service/" + wrong)) << wrong;
  }
}

TEST(Topic, TOPIC_an_ill_formed_identity_does_not_parse) {
  for (const auto& topic : std::vector<std::string>{
           "", "/", "/sys", "/sys/", "/sys/7ED01E2A", "/sys/7ED01E2A/AA30C505",
           "/sys/7ED01E2A/AA30C505/20MQTTJ000121", "sys/7ED01E2A/AA30C505/20MQTTJ000121/uplink",
           "//sys/7ED01E2A/AA30C505/20MQTTJ000121/uplink",
           "/sys/7ED01E2/AA30C505/20MQTTJ000121/uplink",
           "/sys/7ED01E2A/AA30C50X/20MQTTJ000121/uplink", "/sys/7ED01E2A/AA30C505/abc/uplink",
           "/sys/7ED01E2A/AA30C505/20MQ_TJ000121/uplink", "/sys/+/+/+/uplink", "/sys/device/auth/",
           "/sys/device/auth2", "/SYS/7ED01E2A/AA30C505/20MQTTJ000121/uplink"}) {
    EXPECT_FALSE(parse_topic(topic)) << topic;
  }
}

TEST(Topic, TOPIC_11_12_a_filter_may_have_plus_for_an_identifier) {
  const auto report_ack = match_filter_suffix("model/event/+/report_ack");
  ASSERT_TRUE(report_ack);
  EXPECT_EQ(report_ack->name, TopicName::event_report_ack);
  const auto call = match_filter_suffix("model/service/+");
  ASSERT_TRUE(call);
  EXPECT_EQ(call->name, TopicName::service_call);
  EXPECT_EQ(match_filter_suffix("uplink_ack")->name, TopicName::uplink_ack);
  EXPECT_FALSE(match_filter_suffix("model/+/report_ack"));
  EXPECT_FALSE(match_filter_suffix("model/event/+/+"));
  EXPECT_FALSE(match_filter_suffix("model/event/a+/report_ack"));
  EXPECT_FALSE(match_filter_suffix("model/property/+"));
}

}  // namespace
}  // namespace xgate::protocol
