// SPDX-License-Identifier: Apache-2.0
#include "protocol/history_report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace xgate::protocol {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

constexpr std::int64_t now_ms = 1'700'000'000'000;
constexpr std::int64_t day_ms = 86'400'000;

json with_time(const json& time) {
  return {{"params", {{{"properties", {{{"temp", {{"value", 1}, {"time", time}}}}}}}}}};
}

TEST(HistoryReport, HIST_1_the_sources_example_in_its_order) {
  const json payload = json::parse(R"({"params":[
    {"properties":[{"Power":{"value":"on","time":1524448722000},"WF":{"value":"3","time":1524448722000}},
                   {"Power":{"value":"on","time":1524448722000}}],
     "events":[{"alarmEvent":{"value":{"Power":"on","WF":"2"},"time":1524448722001}}]},
    {"properties":[{"WF":{"value":"4","time":1524448722002}}]}]})");
  const auto items = parse_history(payload, now_ms);
  ASSERT_TRUE(items) << items.error();
  ASSERT_EQ(items->size(), 5U);
  for (const auto& item : *items) EXPECT_EQ(item.problem, "");
  EXPECT_EQ((*items)[0].identifier, "Power");
  EXPECT_EQ(*(*items)[0].value, "on");
  EXPECT_EQ((*items)[0].time_ms, 1524448722000);
  EXPECT_FALSE((*items)[0].is_event);
  EXPECT_EQ((*items)[3].identifier, "alarmEvent");
  EXPECT_TRUE((*items)[3].is_event);
  EXPECT_EQ(*(*items)[3].value, (json{{"Power", "on"}, {"WF", "2"}}));
  EXPECT_EQ((*items)[4].time_ms, 1524448722002);
}

TEST(HistoryReport, HIST_1_bad_items_are_named_and_hold_all_there_is) {
  for (const auto& [time, says] :
       std::vector<std::pair<json, std::string>>{{946'684'799'999, "before 2000"},
                                                 {1'524'448'722, "before 2000"},  // seconds
                                                 {-1, "before 2000"},
                                                 {now_ms + day_ms + 1, "a day ahead"},
                                                 {UINT64_MAX, "a day ahead"},
                                                 {INT64_MIN, "before 2000"},
                                                 {"1524448722000.0", "not a whole number"},
                                                 {"", "not a whole number"},
                                                 {1.5, "not a whole number"},
                                                 {1e300, "a day ahead"},
                                                 {nullptr, "not a whole number"}}) {
    const json payload = with_time(time);
    const auto items = parse_history(payload, now_ms);
    ASSERT_TRUE(items);
    EXPECT_THAT(items->at(0).problem, HasSubstr("\"temp\""));
    EXPECT_THAT(items->at(0).problem, HasSubstr(says)) << time;
    EXPECT_EQ(items->at(0).time_ms, now_ms);
    EXPECT_EQ(*items->at(0).value, (json{{"value", 1}, {"time", time}}));
  }
  for (const json& item : {json(5), json{{"time", now_ms}}, json{{"value", 5}}}) {
    const json payload = {{"params", {{{"events", {{{"e", item}}}}}}}};
    const auto items = parse_history(payload, now_ms);
    ASSERT_TRUE(items);
    EXPECT_THAT(items->at(0).problem, HasSubstr("\"e\""));
    EXPECT_EQ(*items->at(0).value, item);
  }
}

TEST(HistoryReport, HIST_1_a_time_is_a_whole_number_however_it_is_written) {
  for (const auto* time :
       {"1524448722000", "1524448722000.0", "1.524448722e12", "\"1524448722000\""}) {
    const json payload = with_time(json::parse(time));
    const auto items = parse_history(payload, now_ms);
    EXPECT_EQ(items->at(0).problem, "");
    EXPECT_EQ(items->at(0).time_ms, 1'524'448'722'000) << time;
  }
}

TEST(HistoryReport, HIST_1_limits_of_time_are_inclusive) {
  for (const std::int64_t time : {std::int64_t{946'684'800'000}, now_ms + day_ms}) {
    const json payload = with_time(time);
    EXPECT_EQ(parse_history(payload, now_ms)->at(0).problem, "");
  }
}

TEST(HistoryReport, HIST_1_what_names_no_identifier_is_an_error) {
  const std::vector<json> payloads{
      json(),
      json::array(),
      json::object(),
      {{"params", 1}},
      {{"params", {1}}},
      {{"params", {{{"properties", json::object()}}}}},
      {{"params", {{{"events", {1}}}}}},
  };
  for (const json& payload : payloads) {
    const auto items = parse_history(payload, now_ms);
    ASSERT_FALSE(items) << payload;
    EXPECT_THAT(items.error(), HasSubstr("must be"));
  }
  for (const auto& [payload, sentence] : {
           std::pair{R"({"params":[{},{"property":[]}]})",
                     "params[1] has neither properties nor events"},
           std::pair{R"({"params":[{"i":{"value":1,"time":5}}]})",
                     "params[0] has neither properties nor events"},
           std::pair{R"({"params":[{"Properties":[]}]})",
                     "params[0] has neither properties nor events: \"Properties\" is there, and a "
                     "name counts letter by letter"},
       }) {
    EXPECT_EQ(parse_history(json::parse(payload), now_ms).error(), sentence);
  }
  EXPECT_TRUE(parse_history(json{{"params", {json::object()}}}, now_ms)->empty());
  EXPECT_TRUE(parse_history(json{{"params", json::array()}}, now_ms)->empty());
}

}  // namespace
}  // namespace xgate::protocol
