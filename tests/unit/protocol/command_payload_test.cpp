// SPDX-License-Identifier: Apache-2.0
#include "protocol/command_payload.hpp"

#include <algorithm>

#include <gtest/gtest.h>

namespace xgate::protocol {
namespace {

using nlohmann::json;

TEST(CommandPayload, down_is_the_object_or_stands_under_data) {
  EXPECT_EQ(command_payload(CommandKind::down, "", {{"data", "13234234"}}),
            R"({"data":"13234234"})");
  EXPECT_EQ(command_payload(CommandKind::down, "", {{"data", {{"on", 1}}}}), R"({"on":1})");
  EXPECT_EQ(command_payload(CommandKind::down, "", {{"data", {1, 2}}}), R"({"data":[1,2]})");
  EXPECT_EQ(command_payload(CommandKind::down, "", {{"data", nullptr}}), R"({"data":null})");
}

TEST(CommandPayload, set_has_the_sources_shape_and_values_as_strings) {
  EXPECT_EQ(command_payload(CommandKind::set, "", {{"params", {{"temp", 100}}}}),
            R"({"params":[{"identify":"temp","value":"100"}]})");
  EXPECT_EQ(command_payload(CommandKind::set, "",
                            {{"params", {{"a", "x"}, {"b", 1.5}, {"c", true}, {"d", {{"x", 1}}}}}}),
            R"({"params":[{"identify":"a","value":"x"},{"identify":"b","value":"1.5"},)"
            R"({"identify":"c","value":"true"},{"identify":"d","value":{"x":1}}]})");
}

TEST(CommandPayload, the_others_are_as_the_source_has_them) {
  EXPECT_EQ(command_payload(CommandKind::ask, "", {{"params", {"temp"}}}),
            R"({"params":["temp"]})");
  EXPECT_EQ(command_payload(CommandKind::call, "switch", {{"params", {{"on", 1}}}}),
            R"({"servicIdentify":"switch","params":{"on":1}})");
  EXPECT_EQ(command_payload(CommandKind::config_get, "", json::object()), "{}");
  EXPECT_EQ(command_payload(CommandKind::config_set, "", {{"settings", {{"Port", 7200}}}}),
            R"({"Settings":{"Port":7200}})");
  EXPECT_EQ(command_payload(CommandKind::firmware_ask, "", json::object()), "{}");
}

TEST(CommandPayload, scripts_are_asked_in_their_convention) {
  EXPECT_EQ(script_input(CommandKind::set, "", {{"params", {{"temp", 1}}}}, 1234567890),
            R"({"method":"thing.service.property.set","id":"1234567890","params":{"temp":1},)"
            R"("version":"1.0"})");
  EXPECT_EQ(
      script_input(CommandKind::ask, "", {{"params", {"temp"}}}, 5),
      R"({"method":"thing.service.property.get","id":"5","params":["temp"],"version":"1.0"})");
  EXPECT_EQ(script_input(CommandKind::call, "reset", {{"params", json::object()}}, 5),
            R"({"method":"thing.service.reset","id":"5","params":{},"version":"1.0"})");
}

TEST(CommandRoute, follows_the_kind_and_the_product) {
  const auto is = [](CommandRoute route, TopicName topic, int ctrl) {
    return route.topic == topic && route.header_ctrl == ctrl;
  };
  using enum TopicName;
  EXPECT_TRUE(is(command_route(CommandKind::down, false, false), downlink, 7));
  EXPECT_TRUE(is(command_route(CommandKind::down, false, true), downlink_table, 7));
  EXPECT_TRUE(is(command_route(CommandKind::set, false, false), property_set, 20));
  EXPECT_TRUE(is(command_route(CommandKind::set, true, false), hex_downlink, 22));
  EXPECT_TRUE(is(command_route(CommandKind::call, true, false), hex_downlink, 24));
  EXPECT_TRUE(is(command_route(CommandKind::ask, true, false), hex_downlink, 25));
  EXPECT_TRUE(is(command_route(CommandKind::config_set, false, true), down_config_table, 14));
  // whatever it is, the topic is one that devices subscribe to, with that command
  for (const auto kind : all_command_kinds()) {
    for (const bool hex : {false, true}) {
      for (const bool table : {false, true}) {
        const auto route = command_route(kind, hex, table);
        const auto& row = row_of(route.topic);
        EXPECT_EQ(row.verb, DeviceVerb::subscribe);
        EXPECT_NE(std::find(row.header_ctrls.begin(), row.header_ctrls.end(), route.header_ctrl),
                  row.header_ctrls.end())
            << to_string(kind);
      }
    }
  }
}

TEST(CommandAck, code_is_text_or_a_number) {
  const auto ack = parse_command_ack({{"Code", "200"}, {"Msg", "SUCCESS"}, {"Data", {{"a", 1}}}});
  ASSERT_TRUE(ack);
  EXPECT_TRUE(ack->success());
  EXPECT_EQ(ack->msg, "SUCCESS");
  EXPECT_EQ(ack->data, json({{"a", 1}}));
  const auto number = parse_command_ack({{"Code", 200}});
  ASSERT_TRUE(number);
  EXPECT_TRUE(number->success());
  EXPECT_FALSE(number->data);
  std::string long_msg(499, 'x');
  long_msg += "\xE6\xB8\xA9\xE6\xB8\xA9";  // kept whole or not at all
  EXPECT_EQ(parse_command_ack({{"Code", "4001"}, {"Msg", long_msg}})->msg, std::string(499, 'x'));
  const auto failed = parse_command_ack({{"Code", "4001"}, {"Msg", "Failed"}});
  ASSERT_TRUE(failed);
  EXPECT_FALSE(failed->success());
}

TEST(CommandAck, what_is_none_is_refused) {
  for (const auto& payload :
       {json("x"), json::array(), json::object(), json({{"Code", nullptr}}), json({{"Code", 1.5}}),
        json({{"Code", ""}}), json({{"Code", std::string(65, '2')}})}) {
    EXPECT_FALSE(parse_command_ack(payload)) << payload;
  }
}

TEST(CommandMessageId, is_read_as_a_number_or_its_text) {
  for (const auto* same : {"1073741824", "1073741824.0", "1.073741824e9", "\"1073741824\""}) {
    EXPECT_EQ(command_message_id(MessageId::of_text(same)), 1073741824) << same;
  }
  EXPECT_EQ(command_message_id(MessageId::of_text("\"2147483647\"")), 2147483647);
  for (const auto* other :
       {"1231", "\"1231\"", "2147483648", "-1073741824", "\"0x40000000\"", "\"1073741824 \"",
        "1073741824.5", "", "\"\"", "\"", "18446744073709551615", "\"inf\""}) {
    EXPECT_FALSE(command_message_id(MessageId::of_text(other))) << other;
  }
}

}  // namespace
}  // namespace xgate::protocol
