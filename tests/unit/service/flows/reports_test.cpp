// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "service/flows/firmware_report.hpp"
#include "service/flows/history_report.hpp"
#include "service/flows/property_report.hpp"
#include "service/flows/time.hpp"
#include "service/flows/unsupported.hpp"
#include "service/flows/uplink.hpp"

namespace xgate::flows {
namespace {

using nlohmann::json;

struct Message {
  protocol::Frame frame;
  store::FlowResult operator()(store::FlowResult (*flow)(const store::OpenedMessage&)) const {
    static constexpr protocol::TopicMatch topic{};
    static const store::Product product;
    static const store::State state;
    store::Device device;
    device.device_id = 7;
    return flow({.frame = frame,
                 .payload = frame.payload,
                 .topic = topic,
                 .product = product,
                 .device = device,
                 .state = state,
                 .received_at_ms = 1000,
                 .now_ms = 1700000000123,
                 .zone = "Asia/Shanghai"});
  }
};
Message message(int header_ctrl, json payload) {
  return {{1231, header_ctrl, std::move(payload), "2.0"}};
}

TEST(Uplink, UP_1_accepts_any_json) {
  for (const json& payload : {json::object(), json("text"), json(nullptr), json::array({1, 2})}) {
    const auto result = message(4, payload)(uplink);
    ASSERT_TRUE(result);
    EXPECT_FALSE(result->ack_data);
    EXPECT_FALSE(result->firmware);
  }
}

TEST(UpdateTime, TIME_1_tells_milliseconds_and_zone) {
  const auto result = message(29, "")(update_time);
  ASSERT_TRUE(result);
  EXPECT_EQ(*result->ack_data, (json{{"timestamp", 1700000000123}, {"timezone", "Asia/Shanghai"}}));
}

TEST(PropertyReport, PROP_1_without_values_is_noted) {
  const auto result = message(16, json::object())(property_report);
  ASSERT_TRUE(result);
  EXPECT_TRUE(result->warning);
  EXPECT_EQ(result->note, "it holds no values: nothing was stored");
}

TEST(HistoryReport, HIST_1_without_values_is_noted) {
  for (const char* payload : {R"({"params":[]})", R"({"params":[{"properties":[]}]})"}) {
    const auto result = message(27, json::parse(payload))(history_report);
    ASSERT_TRUE(result);
    EXPECT_TRUE(result->warning);
    EXPECT_EQ(result->note, "it holds no values: nothing was stored");
  }
}

TEST(FirmwareReport, FW_1_without_module_is_the_default_module) {
  const auto result =
      message(8, {{"HardVer", "H1"}, {"SoftVer", "S1"}, {"Type", 2}})(firmware_report);
  ASSERT_TRUE(result) << result.error().reason;
  EXPECT_EQ(result->firmware->module, "default");
  EXPECT_EQ(result->firmware->hard_ver, "H1");
  EXPECT_EQ(result->firmware->soft_ver, "S1");
  EXPECT_EQ(result->firmware->device_id, 7);
  EXPECT_EQ(result->firmware->reported_at_ms, 1000);
}

TEST(FirmwareReport, FW_1_keeps_the_module_named) {
  const auto result = message(
      8, {{"HardVer", "H1"}, {"SoftVer", "S1"}, {"Type", 2}, {"Module", "mcu"}})(firmware_report);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->firmware->module, "mcu");
}

TEST(FirmwareReport, FW_1_refuses_what_names_no_version) {
  for (const json& payload : {json::object(), json("x"), json{{"HardVer", 1}, {"SoftVer", "S"}}}) {
    const auto result = message(8, payload)(firmware_report);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().requirement, "FW-1");
  }
}

TEST(Unsupported, is_refused_with_the_rows_requirement) {
  const auto result = unsupported("TOPIC-10");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().requirement, "TOPIC-10");
  EXPECT_EQ(result.error().reason, "not supported yet");
}

}  // namespace
}  // namespace xgate::flows
