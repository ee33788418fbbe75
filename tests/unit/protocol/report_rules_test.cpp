// SPDX-License-Identifier: Apache-2.0
#include "protocol/report_rules.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace xgate::protocol {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

ThingModel model() {
  return ThingModel::compile(json::parse(R"({
    "properties":[{"identifier":"temp","accessMode":"r","dataType":{"type":"int","specs":{"max":"100"}}}],
    "events":[{"identifier":"hot","type":"alert","outputData":[]}]})"))
      .value();
}

TEST(ReportRules, without_a_model_everything_is_taken_as_it_comes) {
  const ReportRules rules{};
  const auto value = take_property(rules, "anything", {{"a", 1}});
  EXPECT_EQ(value->value, (json{{"a", 1}}));
  EXPECT_THAT(value->notes, IsEmpty());
  const auto event = take_event(rules, "bang", 1);
  EXPECT_EQ(event->params.value, 1);
  EXPECT_EQ(event->type, "");
}

TEST(ReportRules, reject_refuses_naming_the_identifier) {
  const auto m = model();
  const ReportRules rules{.model = &m, .keep = false};
  EXPECT_EQ(take_property(rules, "temp", "5")->value, 5);
  EXPECT_THAT(take_property(rules, "temp", 101).error(), HasSubstr("temp: 101"));
  EXPECT_THAT(take_property(rules, "humi", 1).error(), HasSubstr("\"humi\""));
  EXPECT_EQ(take_event(rules, "hot", json::object())->type, "alert");
  EXPECT_THAT(take_event(rules, "cold", json::object()).error(), HasSubstr("\"cold\""));
}

TEST(ReportRules, keep_takes_what_does_not_fit_as_it_came_and_notes_it) {
  const auto m = model();
  const ReportRules rules{.model = &m, .keep = true};
  EXPECT_EQ(take_property(rules, "temp", "5")->value, 5) << "what fits is fitted";
  const auto high = take_property(rules, "temp", 101);
  EXPECT_EQ(high->value, 101);
  EXPECT_THAT(high->notes, ElementsAre(HasSubstr("kept as it came: temp: 101")));
  EXPECT_TRUE(high->misfit);
  EXPECT_THAT(take_property(rules, "humi", 1)->notes, ElementsAre(HasSubstr("\"humi\"")));
  EXPECT_EQ(take_event(rules, "hot", {{"x", 1}})->type, "alert");
  EXPECT_EQ(take_event(rules, "cold", {{"x", 1}})->type, "");
}

TEST(ReportRules, what_cannot_be_a_name_is_refused_always) {
  const auto m = model();
  for (const auto& rules : {ReportRules{}, ReportRules{.model = &m, .keep = true}}) {
    for (const std::string& name : {std::string(), std::string(129, 'a'), std::string("a\nb")}) {
      EXPECT_FALSE(take_property(rules, name, 1)) << name;
    }
    EXPECT_TRUE(take_property(rules, "温度", 1));
  }
}

TEST(ReportRules, ID_6_the_kind_says_by_which_topics_devices_report) {
  using enum TopicName;
  for (const auto topic : {property_report, event_report, history_report}) {
    EXPECT_TRUE(may_report(ProductKind::json, topic));
    EXPECT_FALSE(may_report(ProductKind::hex, topic));
    EXPECT_FALSE(may_report(ProductKind::transparent, topic));
  }
  for (const auto topic : {hex_report, hex_full}) {
    EXPECT_TRUE(may_report(ProductKind::hex, topic));
    EXPECT_FALSE(may_report(ProductKind::json, topic));
    EXPECT_FALSE(may_report(ProductKind::transparent, topic));
  }
  for (const auto kind : {ProductKind::transparent, ProductKind::json, ProductKind::hex}) {
    for (const auto topic : {uplink, update_time, firmware_report, config_report, property_set_ack,
                             service_ack, hex_downlink_ack, downlink_ack}) {
      EXPECT_TRUE(may_report(kind, topic));
    }
  }
}

TEST(ReportRules, notes_are_one_text_of_a_bounded_length) {
  EXPECT_EQ(joined_notes({}), "");
  const std::vector<std::string> two{"a", "b"};
  EXPECT_EQ(joined_notes(two), "a; b");
  const std::vector<std::string> many(1000, std::string(50, 'x'));
  EXPECT_LT(joined_notes(many).size(), 2010U);
}

}  // namespace
}  // namespace xgate::protocol
