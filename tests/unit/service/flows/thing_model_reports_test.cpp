// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/flows/event_report.hpp"
#include "service/flows/history_report.hpp"
#include "service/flows/property_report.hpp"

namespace xgate::flows {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

constexpr std::int64_t received_ms = 1'700'000'000'000;

struct ThingModelReports : ::testing::Test {
  store::Product product;
  store::State state;

  ThingModelReports() {
    product.product_id = "AA30C505";
    state.models["AA30C505"] =
        std::make_shared<const protocol::ThingModel>(protocol::ThingModel::compile(json::parse(R"({
          "properties":[{"identifier":"temp","accessMode":"r","dataType":{"type":"int","specs":{"max":"100"}}},
                        {"identifier":"power","accessMode":"rw",
                         "dataType":{"type":"bool","specs":{"0":"off","1":"on"}}}],
          "events":[{"identifier":"hot","type":"alert","outputData":[
                      {"identifier":"temp","dataType":{"type":"int"}}]}]})"))
                                                         .value());
  }
  store::FlowResult say(store::FlowResult (*flow)(const store::OpenedMessage&), const json& payload,
                        std::string_view identifier = {}) const {
    store::Device device;
    device.device_id = 7;
    protocol::TopicMatch topic{};
    topic.identifier = identifier;
    const protocol::Frame frame{1231, 16, payload, "2.0"};
    return flow({.frame = frame,
                 .payload = frame.payload,
                 .topic = topic,
                 .product = product,
                 .device = device,
                 .state = state,
                 .received_at_ms = received_ms,
                 .now_ms = received_ms + 5,
                 .zone = "UTC"});
  }
};

TEST_F(ThingModelReports, PROP_1_values_are_stored_after_coercion) {
  const auto taken = say(property_report, {{"temp", "100"}, {"power", 1}});
  ASSERT_TRUE(taken) << taken.error().reason;
  ASSERT_EQ(taken->properties.size(), 2U);
  EXPECT_EQ(taken->properties[0].identifier, "power");
  EXPECT_EQ(taken->properties[0].value, "1");
  EXPECT_EQ(taken->properties[1].value, "100");
  EXPECT_EQ(taken->properties[1].device_id, 7);
  EXPECT_EQ(taken->properties[1].device_time_ms, received_ms);
  EXPECT_EQ(taken->note, "temp: the text \"100\" was read as 100");
  EXPECT_TRUE(say(property_report, json::object())) << "nothing to report is no mistake";
}

TEST_F(ThingModelReports, PROP_1_one_that_does_not_fit_refuses_the_whole_report) {
  for (const json& payload :
       {json{{"power", 1}, {"temp", 101}}, json{{"humi", 1}}, json(5), json::array({1}), json()}) {
    const auto refused = say(property_report, payload);
    ASSERT_FALSE(refused) << payload;
    EXPECT_EQ(refused.error().requirement, "PROP-1");
  }
  EXPECT_THAT(say(property_report, {{"humi", 1}}).error().reason, HasSubstr("\"humi\""));
}

TEST_F(ThingModelReports, PROP_1_keep_stores_it_as_it_came) {
  product.keep_violations = true;
  const auto taken = say(property_report, {{"temp", "hot"}, {"humi", 1}, {"power", true}});
  ASSERT_TRUE(taken);
  ASSERT_EQ(taken->properties.size(), 3U);
  EXPECT_EQ(taken->properties[0].value, "1");
  EXPECT_EQ(taken->properties[1].value, "1");
  EXPECT_EQ(taken->properties[2].value, "\"hot\"");
  EXPECT_THAT(taken->note, HasSubstr("\"humi\""));
  EXPECT_THAT(taken->note, HasSubstr("temp: the text \"hot\""));
  EXPECT_FALSE(say(property_report, 5)) << "there is no identifier to keep it under";
}

TEST_F(ThingModelReports, PROP_1_without_a_model_values_are_stored_as_reported) {
  state.models.clear();
  const auto taken = say(property_report, {{"anything", {{"a", json::array({1, "2"})}}}});
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->properties.at(0).value, R"({"a":[1,"2"]})");
  EXPECT_EQ(taken->note, "");
  const auto event = say(event_report, {{"a", 1}}, "bang");
  ASSERT_TRUE(event);
  EXPECT_EQ(event->events.at(0).type, "");
}

TEST_F(ThingModelReports, EVENT_1_is_stored_with_its_type) {
  const auto taken = say(event_report, {{"temp", "99"}}, "hot");
  ASSERT_TRUE(taken) << taken.error().reason;
  const auto& event = taken->events.at(0);
  EXPECT_EQ(event.identifier, "hot");
  EXPECT_EQ(event.type, "alert");
  EXPECT_EQ(event.params, R"({"temp":99})");
  EXPECT_THAT(taken->note, HasSubstr("hot.temp"));
  EXPECT_EQ(say(event_report, json::object(), "cold").error().requirement, "EVENT-1");
  EXPECT_THAT(say(event_report, {{"temp", "x"}}, "hot").error().reason, HasSubstr("hot.temp"));
  product.keep_violations = true;
  EXPECT_EQ(say(event_report, {{"temp", "x"}}, "hot")->events.at(0).params, R"({"temp":"x"})");
}

TEST_F(ThingModelReports, HIST_1_is_stored_under_the_devices_times) {
  const auto taken = say(history_report, json::parse(R"({"params":[
    {"properties":[{"temp":{"value":"3","time":1524448722000}},{"power":{"value":"on","time":1524448722001}}],
     "events":[{"hot":{"value":{"temp":101},"time":1524448722002}}]}]})"));
  ASSERT_TRUE(taken) << taken.error().reason;
  ASSERT_EQ(taken->properties.size(), 2U);
  EXPECT_EQ(taken->properties[0].value, "3");
  EXPECT_EQ(taken->properties[0].device_time_ms, 1524448722000);
  EXPECT_EQ(taken->properties[0].received_at_ms, received_ms);
  EXPECT_EQ(taken->properties[1].value, "1");
  ASSERT_EQ(taken->events.size(), 1U);
  EXPECT_EQ(taken->events[0].type, "alert");
  EXPECT_EQ(taken->events[0].device_time_ms, 1524448722002);
  EXPECT_THAT(taken->note, HasSubstr("the text \"on\" was read as 1"));
}

TEST_F(ThingModelReports, HIST_1_one_bad_item_refuses_all_or_is_kept_and_noted) {
  const json payload = json::parse(R"({"params":[{"properties":[
    {"temp":{"value":3,"time":1524448722000}},{"temp":{"value":4,"time":1524448722}},
    {"temp":{"value":400,"time":1524448722000}}]}]})");
  const auto refused = say(history_report, payload);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().requirement, "HIST-1");
  EXPECT_THAT(refused.error().reason, HasSubstr("\"temp\" has a time before 2000"));
  product.keep_violations = true;
  const auto kept = say(history_report, payload);
  ASSERT_TRUE(kept);
  ASSERT_EQ(kept->properties.size(), 3U);
  EXPECT_EQ(kept->properties[1].device_time_ms, received_ms);
  EXPECT_EQ(kept->properties[1].value, R"({"time":1524448722,"value":4})");
  EXPECT_EQ(kept->properties[2].value, "400");
  EXPECT_THAT(kept->note, HasSubstr("before 2000"));
  EXPECT_FALSE(say(history_report, json::object()));
}

}  // namespace
}  // namespace xgate::flows
