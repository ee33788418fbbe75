// SPDX-License-Identifier: Apache-2.0
#include "protocol/thing_model.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace xgate::protocol {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// A property "x" of that type.
json one(const json& type, const std::string& mode = "rw") {
  return {{"properties",
           {{{"identifier", "x"}, {"name", "X"}, {"accessMode", mode}, {"dataType", type}}}}};
}
json of_type(const std::string& type, const json& specs) {
  return {{"type", type}, {"specs", specs}};
}
json parameter(const std::string& identifier, const json& type) {
  return {{"identifier", identifier}, {"name", identifier}, {"dataType", type}};
}
const json int_type = of_type("int", {{"min", "0"}, {"max", "100"}, {"step", "1"}, {"unit", "%"}});

ThingModel model(const json& document) {
  auto compiled = ThingModel::compile(document);
  EXPECT_TRUE(compiled) << document << compiled.error().front().pointer << ' '
                        << compiled.error().front().detail;
  return std::move(compiled).value();
}
std::vector<std::string> pointers(const json& document) {
  const auto compiled = ThingModel::compile(document);
  std::vector<std::string> found;
  if (compiled) return found;
  for (const auto& problem : compiled.error()) {
    EXPECT_FALSE(problem.detail.empty());
    found.push_back(problem.pointer);
  }
  return found;
}

struct Case {
  json type;
  json value;
  json fitted;       ///< null: refused
  std::string says;  ///< of the note or the reason; empty: no note
};

void check(const Case& c) {
  SCOPED_TRACE(c.type.dump() + " " + c.value.dump());
  const auto fitted = model(one(c.type)).fit_property("x", c.value);
  if (c.fitted.is_null()) {
    ASSERT_FALSE(fitted) << fitted->value;
    EXPECT_EQ(fitted.error().identifier, "x");
    EXPECT_THAT(fitted.error().reason, HasSubstr("x"));
    EXPECT_THAT(fitted.error().reason, HasSubstr(c.says));
    return;
  }
  ASSERT_TRUE(fitted) << fitted.error().reason;
  EXPECT_EQ(fitted->value, c.fitted);
  EXPECT_EQ(fitted->value.type_name(), std::string(c.fitted.type_name()));
  if (c.says.empty()) {
    EXPECT_THAT(fitted->notes, IsEmpty());
  } else {
    ASSERT_EQ(fitted->notes.size(), 1U);
    EXPECT_THAT(fitted->notes[0], HasSubstr(c.says));
  }
}

TEST(ThingModelValue, PROP_1_int) {
  for (const auto& c : std::vector<Case>{
           {int_type, 0, 0, ""},
           {int_type, 100, 100, ""},
           {int_type, "100", 100, "x: the text \"100\" was read as 100"},
           {int_type, 20.0, 20, "20.0 was read as 20"},
           {int_type, 101, nullptr, "x: 101 is out of range, 0 to 100"},
           {int_type, -1, nullptr, "out of range"},
           {int_type, "101", nullptr, "out of range"},
           {int_type, 20.5, nullptr, "no whole number"},
           {int_type, "warm", nullptr, "the text \"warm\" is no whole number"},
           {int_type, "", nullptr, "no whole number"},
           {int_type, " 1", nullptr, "no whole number"},
           {int_type, "nan", nullptr, "no whole number"},
           {int_type, "inf", nullptr, "no whole number"},
           {int_type, true, nullptr, "no whole number"},
           {int_type, nullptr, nullptr, "no whole number"},
           {int_type, json::object(), nullptr, "an object is no whole number"},
           {of_type("int", json::object()), 2147483647, 2147483647, ""},
           {of_type("int", json::object()), 2147483648, nullptr, "out of range"},
           {of_type("int", json::object()), UINT64_MAX, nullptr, "out of range"},
           {{{"type", "int"}}, -2147483648, -2147483648, ""},
       }) {
    check(c);
  }
}

TEST(ThingModelValue, PROP_1_float_and_double) {
  const json ranged = of_type("float", {{"min", "-40"}, {"max", "0.1"}});
  const json single = of_type("float", json::object());
  const json dual = of_type("double", json::object());
  for (const auto& c : std::vector<Case>{
           {ranged, 0.1, 0.1, ""},
           {ranged, -40, -40, ""},
           {ranged, "-1.5", -1.5, "was read as -1.5"},
           {ranged, 0.11, nullptr, "out of range, -40 to 0.1"},
           {ranged, 0.10000000149011612, 0.10000000149011612, ""},  // what a float makes of 0.1
           {ranged, 0.10000001, nullptr, "out of range"},           // the next one
           {single, 3.4028235e38, 3.4028235e38, ""},
           {single, 1e38, 1e38, ""},
           {single, 1e39, nullptr, "out of range"},
           {dual, 1e39, 1e39, ""},
           {dual, "1e999", nullptr, "no number (double)"},
           {dual, "NaN", nullptr, "no number"},
           {dual, "Infinity", nullptr, "no number"},
           {dual, false, nullptr, "no number"},
           {dual, json::array({1}), nullptr, "an array is no number"},
       }) {
    check(c);
  }
}

TEST(ThingModelValue, PROP_1_bool_and_enum_are_their_numbers) {
  const json flag = of_type("bool", {{"0", "off"}, {"1", "on"}});
  const json mode = of_type("enum", {{"0", "idle"}, {"1", "run"}, {"12", "1"}, {"-1", "broken"}});
  for (const auto& c : std::vector<Case>{
           {flag, 1, 1, ""},
           {flag, 0, 0, ""},
           {flag, true, 1, "x: true was read as 1"},
           {flag, false, 0, "false was read as 0"},
           {flag, "on", 1, "the text \"on\" was read as 1"},
           {flag, "0", 0, "was read as 0"},
           {flag, "true", 1, "was read as 1"},
           {flag, 2, nullptr, "neither 0 nor 1"},
           {flag, "On", nullptr, "neither 0 nor 1"},
           {{{"type", "bool"}}, "false", 0, "was read as 0"},
           {mode, 1, 1, ""},
           {mode, -1, -1, ""},
           {mode, "run", 1, "was read as 1"},
           {mode, "1", 1, "was read as 1"},  // the number, though another one is called so
           {mode, 12.0, 12, "12.0 was read as 12"},
           {mode, 2, nullptr, "no value of the enum"},
           {mode, true, nullptr, "no value of the enum"},
           {mode, "walk", nullptr, "no value of the enum"},
       }) {
    check(c);
  }
}

TEST(ThingModelValue, PROP_1_text_and_date) {
  const json text = of_type("text", {{"length", "6"}});
  const json date = of_type("date", json::object());
  for (const auto& c : std::vector<Case>{
           {text, "abcdef", "abcdef", ""},
           {text, "温度", "温度", ""},  // six bytes
           {text, "温度a", nullptr, "the text has 7 bytes, at most 6"},
           {text, "abcdefg", nullptr, "7 bytes"},
           {text, 5, nullptr, "5 is no text"},
           {date, "1524448722000", "1524448722000", ""},
           {date, 1524448722000, "1524448722000", "1524448722000 was read as the text"},
           {date, 1.524448722e12, "1524448722000", "was read as the text"},
           {date, "yesterday", nullptr, "no time in milliseconds"},
           {date, -1, nullptr, "no time"},
           {date, 1.5, nullptr, "no time"},
           {date, "", nullptr, "no time"},
       }) {
    check(c);
  }
}

TEST(ThingModelValue, PROP_1_struct_and_array_name_the_place) {
  const json place = of_type("struct", {parameter("lat", of_type("double", {{"max", "90"}})),
                                        parameter("tag", of_type("text", {{"length", "4"}}))});
  const json list = of_type("array", {{"size", "3"}, {"item", {{"type", "int"}}}});
  const json places =
      of_type("array", {{"size", "2"}, {"item", {{"type", "struct"}, {"specs", place["specs"]}}}});
  for (const auto& c : std::vector<Case>{
           {place, {{"lat", 1.5}}, {{"lat", 1.5}}, ""},  // the rest may come another time
           {place, {{"lat", "1.5"}}, {{"lat", 1.5}}, "x.lat: the text \"1.5\""},
           {place, {{"lat", 91}}, nullptr, "x.lat: 91 is out of range"},
           {place, {{"lot", 1}}, nullptr, "x: the model knows no \"lot\""},
           {place, 1, nullptr, "x: 1 is no object"},
           {list, {1, 2, 3}, {1, 2, 3}, ""},
           {list, json::array(), json::array(), ""},
           {list, {1, 2, 3, 4}, nullptr, "the array has 4 items, at most 3"},
           {list, {1, "b"}, nullptr, "x[1]: the text \"b\""},
           {list, 1, nullptr, "x: 1 is no array"},
           {places, {{{"tag", "a"}}}, {{{"tag", "a"}}}, ""},
           {places, {{{"tag", "abcde"}}}, nullptr, "x[0].tag: the text has 5 bytes"},
       }) {
    check(c);
  }
}

TEST(ThingModelValue, quotes_are_short_and_notes_are_few) {
  const auto refused = model(one(int_type)).fit_property("x", std::string(100'000, 'a'));
  ASSERT_FALSE(refused);
  EXPECT_LT(refused.error().reason.size(), 200U);
  const auto unknown = model(one(int_type)).fit_property(std::string(100'000, 'b'), 1);
  ASSERT_FALSE(unknown);
  EXPECT_LT(unknown.error().reason.size(), 200U);
  const json list = of_type("array", {{"size", "500"}, {"item", {{"type", "int"}}}});
  const auto fitted = model(one(list)).fit_property("x", json::array_t(500, "7"));
  ASSERT_TRUE(fitted);
  EXPECT_EQ(fitted->value, json(json::array_t(500, 7)));
  EXPECT_LE(fitted->notes.size(), 11U);
}

TEST(ThingModelValue, unknown_properties_are_named) {
  const auto fitted = model(one(int_type)).fit_property("humi", 20);
  ASSERT_FALSE(fitted);
  EXPECT_EQ(fitted.error().identifier, "humi");
  EXPECT_EQ(fitted.error().reason, "the model has no property \"humi\"");
}

TEST(ThingModelValue, EVENT_1_parameters_are_checked) {
  const auto m = model({{"events",
                         {{{"identifier", "overheat"},
                           {"name", "Overheat"},
                           {"type", "alert"},
                           {"outputData", json::array({parameter("temp", int_type)})}},
                          {{"identifier", "boot"}, {"type", "info"}}}}});
  EXPECT_EQ(m.event_type("overheat"), "alert");
  EXPECT_EQ(m.event_type("boot"), "info");
  EXPECT_FALSE(m.event_type("none"));
  EXPECT_EQ(m.fit_event("overheat", {{"temp", "99"}})->value, (json{{"temp", 99}}));
  EXPECT_EQ(m.fit_event("overheat", json::object())->value, json::object());
  EXPECT_TRUE(m.fit_event("boot", nullptr)) << "no parameters";
  EXPECT_EQ(m.fit_event("overheat", {{"temp", 200}}).error().reason,
            "overheat.temp: 200 is out of range, 0 to 100");
  EXPECT_EQ(m.fit_event("overheat", {{"humi", 1}}).error().reason,
            "overheat: the model knows no \"humi\"");
  EXPECT_EQ(m.fit_event("overheat", 1).error().reason, "overheat: 1 is no object");
  EXPECT_EQ(m.fit_event("none", json::object()).error().reason, "the model has no event \"none\"");
}

TEST(ThingModelValue, PROP_2_and_PROP_3_follow_the_access_mode) {
  EXPECT_EQ(model(one(int_type, "rw")).fit_set("x", "7")->value, 7);
  EXPECT_THAT(model(one(int_type, "r")).fit_set("x", 7).error().reason, HasSubstr("read-only"));
  EXPECT_TRUE(model(one(int_type, "w")).fit_set("x", 7));
  EXPECT_THAT(model(one(int_type)).fit_set("y", 7).error().reason, HasSubstr("no property \"y\""));
  EXPECT_THAT(model(one(int_type)).fit_set("x", 101).error().reason, HasSubstr("out of range"));
  EXPECT_TRUE(model(one(int_type, "r")).may_ask("x"));
  EXPECT_THAT(model(one(int_type, "w")).may_ask("x").error().reason, HasSubstr("write-only"));
  EXPECT_FALSE(model(one(int_type)).may_ask("y"));
}

TEST(ThingModelValue, SVC_1_inputs_and_outputs_are_checked) {
  const auto m = model({{"services",
                         {{{"identifier", "switch"},
                           {"inputData", json::array({parameter("on", {{"type", "bool"}})})},
                           {"outputData", json::array({parameter("took", int_type)})}}}}});
  EXPECT_EQ(m.fit_call("switch", {{"on", true}})->value, (json{{"on", 1}}));
  EXPECT_TRUE(m.fit_call("switch", nullptr));
  EXPECT_EQ(m.fit_call("switch", {{"on", 2}}).error().reason,
            "switch.on: 2 is neither 0 nor 1 (bool)");
  EXPECT_EQ(m.fit_result("switch", {{"took", 5}})->value, (json{{"took", 5}}));
  EXPECT_TRUE(m.fit_result("switch", nullptr));
  EXPECT_FALSE(m.fit_result("switch", {{"on", 1}}));
  EXPECT_EQ(m.fit_call("go", nullptr).error().reason, "the model has no service \"go\"");
}

TEST(ThingModelDocument, label_has_name_and_unit) {
  const auto m = model(one(int_type));
  EXPECT_EQ(m.property_label("x")->name, "X");
  EXPECT_EQ(m.property_label("x")->unit, "%");
  EXPECT_FALSE(m.property_label("y"));
}

TEST(ThingModelDocument, what_exports_carry_beside_the_model_is_in_nobodys_way) {
  const auto m = model(json::parse(R"({
    "schema": "https://iotx-tsl.oss-ap-southeast-1.aliyuncs.com/schema.json",
    "profile": {"version": "1.0", "productKey": "a1xxxxxxxx"}, "version": "1.0", "new": [1],
    "properties": [{"identifier": "temp", "name": "温度", "accessMode": "r", "required": true, "custom": 1,
      "desc": "", "dataType": {"type": "float", "specs":
        {"min": "-40", "max": "120", "step": "0.1", "unit": "°C", "unitName": "摄氏度", "size": ""}}}],
    "events": [
      {"identifier": "post", "name": "post", "type": "info", "required": true, "desc": "属性上报",
       "method": "thing.event.property.post", "outputData": ["temp", {"nothing": 1}]},
      {"identifier": "overheat", "name": "过热", "type": "error",
       "method": "thing.event.overheat.post", "outputData": []}],
    "services": [
      {"identifier": "set", "method": "thing.service.property.set", "inputData": ["temp"], "outputData": []},
      {"identifier": "get", "method": "thing.service.property.get", "inputData": ["temp"],
       "outputData": ["temp"]},
      {"identifier": "reboot", "callType": "async", "method": "thing.service.reboot",
       "inputData": [], "outputData": []}],
    "functionBlocks": []})"));
  EXPECT_EQ(m.property_label("temp")->unit, "°C");
  EXPECT_FALSE(m.event_type("post"));
  EXPECT_EQ(m.event_type("overheat"), "error");
  EXPECT_FALSE(m.fit_call("set", nullptr));
  EXPECT_TRUE(m.fit_call("reboot", nullptr));
}

TEST(ThingModelDocument, modules_head_their_identifiers) {
  const auto m =
      model({{"properties", json::array()},
             {"functionBlocks",
              {{{"functionBlockId", "lamp"}, {"properties", one(int_type)["properties"]}}}}});
  EXPECT_TRUE(m.fit_property("lamp:x", 5));
  EXPECT_FALSE(m.fit_property("x", 5));
}

TEST(ThingModelDocument, bounds_as_java_and_c_print_them) {
  const json widest = of_type("float", {{"min", "-3.4028235E38"}, {"max", "3.40282347e+38"}});
  EXPECT_TRUE(model(one(widest)).fit_property("x", 3.402823466e38));
  const json real = of_type("double", {{"min", "4.9E-324"}, {"max", "1.7976931348623157E308"}});
  EXPECT_TRUE(model(one(real)).fit_property("x", 1.7976931348623157e308));
  // 99.9 of a float, as a device prints it
  const json percent = of_type("float", {{"min", "0.0"}, {"max", "99.9"}});
  EXPECT_TRUE(model(one(percent)).fit_property("x", 99.9000015258789));
  EXPECT_FALSE(model(one(percent)).fit_property("x", 99.90001));
  EXPECT_TRUE(model(one(percent))
                  .breaks(model(one(of_type("float", {{"min", 0}, {"max", 99.9000015258789}}))))
                  .empty());
}

TEST(ThingModelDocument, problems_name_the_place) {
  const auto specs = [](const std::string& type, const json& s) {
    return pointers(one(of_type(type, s)));
  };
  EXPECT_THAT(pointers(json::array()), ElementsAre(""));
  EXPECT_THAT(pointers(json::object()), ElementsAre(""));
  EXPECT_THAT(pointers({{"properties", 1}}), ElementsAre("/properties"));
  EXPECT_THAT(pointers({{"events", {1}}}), ElementsAre("/events/0"));
  EXPECT_THAT(pointers(one({{"type", "long"}})), ElementsAre("/properties/0/dataType/type"));
  EXPECT_THAT(pointers(one(int_type, "x")), ElementsAre("/properties/0/accessMode"));
  EXPECT_THAT(specs("int", {{"max", "much"}}), ElementsAre("/properties/0/dataType/specs/max"));
  EXPECT_THAT(specs("int", {{"max", "1.5"}}), ElementsAre("/properties/0/dataType/specs/max"));
  EXPECT_THAT(specs("int", {{"max", "4294967296"}}),
              ElementsAre("/properties/0/dataType/specs/max"));
  EXPECT_THAT(specs("float", {{"min", "1e39"}}), ElementsAre("/properties/0/dataType/specs/min"));
  EXPECT_THAT(specs("float", {{"max", "3.4028236e38"}}),
              ElementsAre("/properties/0/dataType/specs/max"));
  EXPECT_THAT(specs("int", {{"min", "2"}, {"max", 1}}),
              ElementsAre("/properties/0/dataType/specs/max"));
  EXPECT_THAT(specs("int", {{"step", {}}}), IsEmpty());
  EXPECT_THAT(specs("int", {{"step", "x"}}), ElementsAre("/properties/0/dataType/specs/step"));
  EXPECT_THAT(specs("int", json::array()), ElementsAre("/properties/0/dataType/specs"));
  EXPECT_THAT(specs("bool", {{"2", "x"}}), ElementsAre("/properties/0/dataType/specs"));
  EXPECT_THAT(specs("enum", json::object()), ElementsAre("/properties/0/dataType/specs"));
  EXPECT_THAT(specs("enum", {{"a", "x"}}), ElementsAre("/properties/0/dataType/specs"));
  EXPECT_THAT(specs("enum", {{"1", 1}}), ElementsAre("/properties/0/dataType/specs/1"));
  EXPECT_THAT(specs("text", {{"length", "0"}}), ElementsAre("/properties/0/dataType/specs/length"));
  EXPECT_THAT(specs("array", {{"size", "0"}, {"item", {{"type", "int"}}}}),
              ElementsAre("/properties/0/dataType/specs/size"));
  EXPECT_THAT(specs("array", {{"size", "1"}}), ElementsAre("/properties/0/dataType/specs/item"));
  EXPECT_THAT(specs("array", {{"item", {{"type", "x"}}}}),
              ElementsAre("/properties/0/dataType/specs/item/type"));
  EXPECT_THAT(specs("struct", json::object()), ElementsAre("/properties/0/dataType/specs"));
  EXPECT_THAT(specs("struct", json::array({parameter("a b", {{"type", "int"}})})),
              ElementsAre("/properties/0/dataType/specs/0/identifier"));
  EXPECT_THAT(
      pointers({{"properties", {one(int_type)["properties"][0], one(int_type)["properties"][0]}}}),
      ElementsAre("/properties/1/identifier"));
}

TEST(ThingModelDocument, every_problem_is_told_up_to_fifty) {
  json document = {{"properties", json::array()}, {"events", {{{"identifier", ""}}}}};
  document["properties"].push_back(json::object());
  EXPECT_THAT(pointers(document),
              ElementsAre("/properties/0/identifier", "/properties/0/dataType",
                          "/properties/0/accessMode", "/events/0/identifier", "/events/0/type"));
  for (int i = 0; i < 100; ++i) document["properties"].push_back(1);
  EXPECT_EQ(pointers(document).size(), 50U);
}

TEST(ThingModelDocument, depth_and_number_of_definitions_are_bounded) {
  json deep = {{"type", "int"}};
  for (int i = 0; i < 5; ++i) deep = of_type("array", {{"item", deep}});
  EXPECT_THAT(pointers(one(deep)), IsEmpty());
  deep = of_type("struct", json::array({parameter("a", deep)}));
  EXPECT_EQ(pointers(one(deep)).size(), 1U);

  json many = json::array();
  for (int i = 0; i < 5001; ++i) many.push_back(parameter("p" + std::to_string(i), int_type));
  for (auto& property : many) property["accessMode"] = "r";
  EXPECT_THAT(pointers({{"properties", many}}), ElementsAre("/properties/5000"));
}

std::vector<std::string> broken(const json& was, const json& is) {
  std::vector<std::string> told;
  for (const auto& problem : model(was).breaks(model(is))) {
    told.push_back(problem.pointer + " " + problem.detail);
  }
  return told;
}

TEST(ThingModelBreaks, nothing_where_more_is_allowed_of_what_is_reported) {
  const json wider = of_type("int", {{"min", "-10"}, {"max", "200"}});
  EXPECT_THAT(broken(one(int_type, "r"), one(wider, "r")), IsEmpty());
  EXPECT_THAT(broken(one(int_type, "r"), one({{"type", "double"}}, "r")), IsEmpty());
  EXPECT_THAT(broken(one(int_type), one(int_type)), IsEmpty());
  EXPECT_THAT(broken(one(of_type("enum", {{"0", "a"}}), "r"),
                     one(of_type("enum", {{"0", "b"}, {"1", "a"}}), "r")),
              IsEmpty());
}

TEST(ThingModelBreaks, what_devices_report_and_the_new_model_refuses) {
  const json none = {{"properties", json::array()}};
  EXPECT_THAT(broken(one(int_type), none), ElementsAre(HasSubstr("/properties x is gone")));
  EXPECT_THAT(broken(one(int_type, "r"), one(of_type("int", {{"max", "50"}}), "r")),
              ElementsAre(HasSubstr("/properties/0/dataType x: the range was 0 to 100 and is "
                                    "-2147483648 to 50 now")));
  EXPECT_THAT(broken(one({{"type", "double"}}), one(int_type)),
              ElementsAre(HasSubstr("was of type double and is int now")));
  EXPECT_THAT(broken(one(of_type("enum", {{"0", "a"}, {"3", "b"}}), "r"),
                     one(of_type("enum", {{"0", "a"}}), "r")),
              ElementsAre(HasSubstr("the value 3 is gone")));
  EXPECT_THAT(broken(one(of_type("text", {{"length", 9}}), "r"),
                     one(of_type("text", {{"length", 8}}), "r")),
              ElementsAre(HasSubstr("at most 9 were allowed, now 8")));
  EXPECT_THAT(broken(one(of_type("struct", json::array({parameter("a", int_type)})), "r"),
                     one(of_type("struct", json::array()), "r")),
              ElementsAre(HasSubstr("x.a is gone")));
  EXPECT_THAT(broken(one(of_type("array", {{"item", int_type}}), "r"),
                     one(of_type("array", {{"item", {{"type", "text"}}}}), "r")),
              ElementsAre(HasSubstr("x[]: was of type int")));
  const json event = {{"events",
                       {{{"identifier", "e"},
                         {"type", "info"},
                         {"outputData", json::array({parameter("t", int_type)})}}}}};
  EXPECT_THAT(broken(event, none), ElementsAre(HasSubstr("the event e is gone")));
  json without = event;
  without["events"][0]["outputData"] = json::array();
  EXPECT_THAT(broken(event, without), ElementsAre(HasSubstr("/events/0/outputData e.t is gone")));
  EXPECT_THAT(broken(without, event), IsEmpty());
}

TEST(ThingModelBreaks, what_devices_are_sent_and_do_not_know) {
  EXPECT_THAT(broken(one(int_type, "rw"), one(int_type, "r")),
              ElementsAre(HasSubstr("could be set, and cannot any more")));
  EXPECT_THAT(broken(one(int_type, "r"), one(int_type, "w")),
              ElementsAre(HasSubstr("could be asked for")));
  EXPECT_THAT(broken(one(int_type, "rw"), one(of_type("int", {{"min", 0}, {"max", 200}}), "rw")),
              ElementsAre(HasSubstr("devices may be sent what they do not know")));
  const auto service = [](const json& input, const json& output) -> json {
    return {{"services", {{{"identifier", "s"}, {"inputData", input}, {"outputData", output}}}}};
  };
  const json in = json::array({parameter("on", int_type)});
  EXPECT_THAT(broken(service(in, {}), {{"services", json::array()}}),
              ElementsAre(HasSubstr("the service s is gone")));
  EXPECT_THAT(broken(service(in, {}), service({}, {})), ElementsAre(HasSubstr("s.on is gone")));
  EXPECT_THAT(broken(service({}, {}), service(in, {})), ElementsAre(HasSubstr("s.on is new")));
  EXPECT_THAT(broken(service({}, in), service({}, {})), ElementsAre(HasSubstr("s.on is gone")));
}

}  // namespace
}  // namespace xgate::protocol
