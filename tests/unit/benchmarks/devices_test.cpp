// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/load/devices.hpp"

#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace xgate::benchmarks {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* secret = "0123456789abcdef0123456789ABCDEF";

std::string line(const std::string& node, const std::string& rest = "") {
  return "B0000001,B0000002," + node + ",00112233445566778899AABBCCDDEEFF," + secret + rest + "\n";
}

TEST(Devices, AreReadFromLines) {
  const auto devices = parse_devices(
      "OpenID,ProductID,NodeEui,ProductKey,DeviceSecret\n# a remark\n\n" + line("dev1") +
      "B0000001,B0000002,dev2,00112233445566778899AABBCCDDEEFF," + secret + ",0A1B2C3D,37\r\n");
  ASSERT_TRUE(devices) << devices.error();
  ASSERT_EQ(devices->size(), 2U);
  EXPECT_EQ(devices->front().id, (protocol::Identity{"B0000001", "B0000002", "dev1"}));
  EXPECT_EQ(devices->front().device_secret, secret);
  EXPECT_EQ(devices->back().session_id, "0A1B2C3D");
  EXPECT_EQ(devices->back().nonce, 37);
}

TEST(Devices, AFaultNamesItsLineAndNoSecret) {
  for (const std::string& bad : {line("x"), line("dev1", ",0A1B2C3D"), line("dev1", ",0A1B2C3D,x"),
                                 line("dev1", ",1,2,3"), std::string("nonsense\n")}) {
    const auto devices = parse_devices(line("dev0") + bad);
    ASSERT_FALSE(devices) << bad;
    EXPECT_THAT(devices.error(), HasSubstr("line 2: "));
    EXPECT_THAT(devices.error(), Not(HasSubstr(secret)));
  }
  EXPECT_FALSE(parse_devices(""));
  EXPECT_FALSE(parse_devices("# nobody\n"));
}

TEST(DeviceRule, NamesDevicesAndTheirSecretsAsSqlDoes) {
  const auto rule =
      parse_rule(R"({"open_id": "B0000001", "product_id": "B0000002", "node_prefix": "n",
      "product_key": "00112233445566778899AABBCCDDEEFF", "digits": 4, "first": 8, "count": 3, "seed": "s"})");
  ASSERT_TRUE(rule) << rule.error();
  // printf 's.B0000002.n0010' | sha256sum
  const Device device = rule->device(2);
  EXPECT_EQ(device.id.node_eui, "n0010");
  EXPECT_EQ(device.device_secret, "75BECB304F3B4E0F9E122DB7A3907D4B");
  EXPECT_EQ(device.session_id, "1A4BAAD1");
  EXPECT_EQ(device.nonce, 113);
  const DeviceList list(*rule);
  EXPECT_EQ(list.size(), 3U);
  EXPECT_EQ(list.at(0).id.node_eui, "n0008");
}

TEST(DeviceRule, NoncesAreTwoDecimalDigitsOfHex) {
  DeviceRule rule{.open_id = "B0000001",
                  .product_id = "B0000002",
                  .product_key = {},
                  .count = 500,
                  .seed = "s"};
  std::set<std::string> secrets;
  for (std::uint64_t i = 0; i < rule.count; ++i) {
    const Device device = rule.device(i);
    secrets.insert(device.device_secret);
    EXPECT_GE(device.nonce, 0x10);
    EXPECT_LE(device.nonce, 0x79);
    EXPECT_LT(device.nonce % 16, 10);
  }
  EXPECT_EQ(secrets.size(), 500U);
}

TEST(DeviceRule, FaultsAreToldWithoutTheSeed) {
  const std::string good = R"("open_id": "B0000001", "product_id": "B0000002",
      "product_key": "00112233445566778899AABBCCDDEEFF")";
  for (const std::string& bad :
       {std::string("{"), std::string("[]"), "{" + good + R"(, "count": 3})",
        "{" + good + R"(, "seed": "hush"})",
        "{" + good + R"(, "seed": "hush", "count": 3, "node_prefix": "+"})",
        "{" + good + R"(, "seed": "hush", "count": 3, "digits": 90})"}) {
    const auto rule = parse_rule(bad);
    ASSERT_FALSE(rule) << bad;
    EXPECT_THAT(rule.error(), Not(HasSubstr("hush")));
  }
}

}  // namespace
}  // namespace xgate::benchmarks
