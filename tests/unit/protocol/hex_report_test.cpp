// SPDX-License-Identifier: Apache-2.0
#include "protocol/hex_report.hpp"

#include <gtest/gtest.h>

namespace xgate::protocol {
namespace {

using nlohmann::json;

std::string problem(const char* object, int header_ctrl) {
  const json value = json::parse(object);
  const auto report = read_hex_report(value, header_ctrl);
  return report ? "" : report.error();
}

TEST(HexMethod, is_of_the_convention_or_nothing) {
  EXPECT_EQ(parse_hex_method("thing.event.property.post")->kind, HexKind::properties);
  EXPECT_EQ(parse_hex_method("thing.event.alarm.post")->identifier, "alarm");
  EXPECT_EQ(parse_hex_method("thing.event.lamp:alarm.post")->identifier, "lamp:alarm");
  EXPECT_EQ(parse_hex_method("thing.service.switch")->identifier, "switch");
  EXPECT_EQ(parse_hex_method("thing.service.switch_reply")->identifier, "switch");
  EXPECT_EQ(parse_hex_method("thing.service.property.get_reply")->kind, HexKind::properties);
  EXPECT_EQ(parse_hex_method("thing.service.property.set_reply")->kind, HexKind::result);
  for (const char* wrong :
       {"", "thing", "thing.event.post", "thing.event..post", "thing.event.a.b.post",
        "thing.event.a/b.post", "thing.service.", "thing.service.a.b", "thing.event.alarm.post ",
        "THING.EVENT.alarm.POST"}) {
    EXPECT_FALSE(parse_hex_method(wrong)) << wrong;
  }
}

TEST(HexReport, must_say_the_same_as_its_header_ctrl) {
  constexpr auto properties = R"({"method":"thing.event.property.post","params":{"a":1}})";
  constexpr auto event = R"({"method":"thing.event.e.post","params":{}})";
  constexpr auto reply = R"({"id":"1","code":"200","data":{"x":1}})";
  for (const auto& [header_ctrl, fits] : {std::pair{18, properties}, {19, event}, {26, reply}}) {
    for (const char* object : {properties, event, reply}) {
      EXPECT_EQ(problem(object, header_ctrl).empty(), object == fits) << header_ctrl << object;
      EXPECT_EQ(problem(object, 28), "");
    }
  }
  EXPECT_EQ(problem(event, 18),
            "HeaderCtrl 18 says properties, but the parsing script gave an event");
}

TEST(HexReport, has_the_values_where_they_stand) {
  const json reply = json::parse(R"({"code":200,"data":{"x":1}})");
  EXPECT_EQ(read_hex_report(reply, 26)->values->dump(), R"({"x":1})");
  EXPECT_NE(problem(R"([])", 18), "");
  EXPECT_NE(problem(R"({})", 28), "");
  EXPECT_NE(problem(R"({"method":1})", 28), "");
  EXPECT_NE(problem(R"({"method":"thing.event.property.post"})", 18), "");
  EXPECT_NE(problem(R"({"method":"thing.event.property.post","params":[1]})", 18), "");
}

TEST(TimedValue, is_a_value_with_a_time_or_the_value) {
  const std::int64_t now = 1'700'000'000'000;
  const json timed = json::parse(R"({"value":{"a":1},"time":1699999999999})");
  EXPECT_EQ(read_timed_value(timed, now)->time_ms, 1'699'999'999'999);
  const json real = json::parse(R"({"value":1,"time":1.699999999999e12})");
  EXPECT_EQ(read_timed_value(real, now)->time_ms, 1'699'999'999'999);
  EXPECT_EQ(read_timed_value(timed, now)->value->dump(), R"({"a":1})");
  for (const char* plain : {"1", "{}", R"({"value":1})", R"({"value":1,"time":"x"})",
                            R"({"value":1,"time":1699999999999,"more":1})"}) {
    const json value = json::parse(plain);
    EXPECT_EQ(read_timed_value(value, now)->value, &value) << plain;
    EXPECT_FALSE(read_timed_value(value, now)->time_ms) << plain;
  }
  for (const char* wrong : {"0", "-1", "1800000000000", "18446744073709551615"}) {
    const json value = json::parse(R"({"value":1,"time":)" + std::string(wrong) + "}");
    EXPECT_FALSE(read_timed_value(value, now)) << wrong;
  }
}

}  // namespace
}  // namespace xgate::protocol
