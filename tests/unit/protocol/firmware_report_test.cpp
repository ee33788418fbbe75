// SPDX-License-Identifier: Apache-2.0
#include "protocol/firmware_report.hpp"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace xgate::protocol {
namespace {

using nlohmann::json;

const Frame frame{1231, 8, json::object(), "2.0"};

std::string reason_of(const json& payload) {
  const auto report = parse_firmware_report(frame, payload);
  if (report) return "accepted";
  EXPECT_EQ(report.error().requirement, "FW-1");
  EXPECT_EQ(report.error().message_id, 1231);
  EXPECT_EQ(report.error().header_ctrl, 8);
  return report.error().reason;
}

TEST(FirmwareReport, FW_1_section_5_1_is_read) {
  const auto report = parse_firmware_report(
      frame, {{"HardVer", "v1.0.1"}, {"SoftVer", "v2.1.3"}, {"Type", 2}, {"Module", "module1"}});
  ASSERT_TRUE(report) << report.error().reason;
  EXPECT_EQ(report->hard_ver, "v1.0.1");
  EXPECT_EQ(report->soft_ver, "v2.1.3");
  EXPECT_EQ(report->type, 2);
  EXPECT_EQ(report->module, "module1");
}

TEST(FirmwareReport, FW_1_a_missing_module_is_default_and_so_is_one_that_says_nothing) {
  json payload{{"HardVer", "1"}, {"SoftVer", "2"}, {"Type", 2.0}};
  for (const json& module : {json("default"), json(""), json(nullptr)}) {
    payload["Module"] = module;
    EXPECT_EQ(parse_firmware_report(frame, payload)->module, "default") << module;
  }
  payload.erase("Module");
  EXPECT_EQ(parse_firmware_report(frame, payload)->module, "default");
}

TEST(FirmwareReport, FW_1_what_is_wrong_is_named) {
  const json good{{"HardVer", "1"}, {"SoftVer", "2"}, {"Type", 2}};
  const auto with = [&](const char* name, const json& value) {
    auto payload = good;
    payload[name] = value;
    return payload;
  };
  const auto without = [&](const char* name) {
    auto payload = good;
    payload.erase(name);
    return payload;
  };
  EXPECT_EQ(reason_of("CB96"), "Payload is not an object");
  EXPECT_EQ(reason_of(without("HardVer")), "HardVer is missing");
  EXPECT_EQ(reason_of(with("SoftVer", 2)), "SoftVer is not a string");
  EXPECT_EQ(reason_of(with("SoftVer", "")), "SoftVer is not of 1 to 64 bytes");
  EXPECT_EQ(reason_of(with("HardVer", std::string(65, 'v'))), "HardVer is not of 1 to 64 bytes");
  EXPECT_EQ(reason_of(with("Module", 0)), "Module is not a string");
  EXPECT_EQ(reason_of(without("Type")), "Type is missing: send 2 (HTTP)");
  for (const json& type : {json(1), json("2"), json(2.5), json(nullptr)}) {
    EXPECT_THAT(reason_of(with("Type", type)), testing::StartsWith("Type is not the number 2"));
  }
}

}  // namespace
}  // namespace xgate::protocol
