// SPDX-License-Identifier: Apache-2.0
#include "plugin/too_large.hpp"

#include <string>

#include <gtest/gtest.h>

namespace xgate::plugin {
namespace {

TEST(TooLarge, is_read_from_the_brokers_notice) {
  for (const std::string time : {"", "1796034171: ", "2026-11-30T11:19:07+0000: "}) {
    const auto dropped = read_dropped(
        time + "Dropping too large outgoing PUBLISH for V2_AA30C505.20MQTTJ000121~0a1 (509 bytes)");
    ASSERT_TRUE(dropped) << time;
    EXPECT_EQ(dropped->device.product_id(), "AA30C505");
    EXPECT_EQ(dropped->device.node_eui(), "20MQTTJ000121");
    EXPECT_EQ(dropped->bytes, 509);
  }
}

TEST(TooLarge, nothing_else_is) {
  for (const std::string line :
       {"", "1796034171: New client connected from 127.0.0.1:1 as V2_AA30C505.20MQTTJ000121",
        "1796034171: Client Dropping too large outgoing PUBLISH for V2_AA30C505.20MQTTJ000121 (509 "
        "bytes) disconnected, not authorised.",
        "Dropping too large outgoing PUBLISH for V2_",
        "Dropping too large outgoing PUBLISH (9 bytes)",
        "Dropping too large outgoing PUBLISH for V2_AA30C505.20MQTTJ000121 (",
        "Dropping too large outgoing PUBLISH for V2_AA30C505.20MQTTJ000121 (-1 bytes)",
        "Dropping too large outgoing PUBLISH for V2_x.y (509 bytes)"}) {
    EXPECT_FALSE(read_dropped(line)) << line;
  }
}

}  // namespace
}  // namespace xgate::plugin
