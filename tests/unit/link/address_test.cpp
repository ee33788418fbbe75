// SPDX-License-Identifier: Apache-2.0
#include "link/address.hpp"

#include <gtest/gtest.h>

namespace xgate::link {
namespace {

TEST(Address, is_read_as_it_was_written) {
  const auto topic = addressed_topic("0A1B/17", 42, "/sys/o/p/n/downlink");
  EXPECT_EQ(topic, "$xgate/v1/to/0A1B/17/42/sys/o/p/n/downlink");
  const auto address = parse_address(topic);
  ASSERT_TRUE(address);
  EXPECT_EQ(address->epoch, "0A1B");
  EXPECT_EQ(address->session, 17U);
  EXPECT_EQ(address->command_id, 42);
  EXPECT_EQ(address->topic, "/sys/o/p/n/downlink");
}

TEST(Address, what_is_none_is_not_read) {
  for (const auto* topic :
       {"", "/sys/o/p/n/downlink", "$xgate/v1/events", "$xgate/v1/to/", "$xgate/v1/to/e",
        "$xgate/v1/to/e/1", "$xgate/v1/to/e/1/2", "$xgate/v1/to/e//2/sys",
        "$xgate/v1/to/e/-1/2/sys", "$xgate/v1/to/e/1/x/sys", "$xgate/v1/to/e/1x/2/sys",
        "$xgate/v1/to/e/99999999999999999999999/2/sys"}) {
    EXPECT_FALSE(parse_address(topic)) << topic;
  }
}

}  // namespace
}  // namespace xgate::link
