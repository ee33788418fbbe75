// SPDX-License-Identifier: Apache-2.0
#include "protocol/key_rotation.hpp"

#include <limits>
#include <set>

#include <gtest/gtest.h>

namespace xgate::protocol {
namespace {

TEST(KeyRotation, KEY_1_the_payload_of_command_3_is_as_section_4_4_shows_it) {
  EXPECT_EQ(key_update_payload("4655434B", 128), R"({"SessionID":"4655434B","Nonce":128})");
}

TEST(KeyRotation, FRAME_2_our_message_ids_are_positive_and_fit_31_bits) {
  std::set<std::int64_t> seen;
  for (int i = 0; i < 1000; ++i) {
    const auto id = new_message_id();
    ASSERT_GE(id, 1);
    ASSERT_LE(id, std::numeric_limits<std::int32_t>::max());
    seen.insert(id);
  }
  EXPECT_GT(seen.size(), 990U);
  EXPECT_GT(*seen.rbegin(), std::int64_t{1} << 30);  // all 31 bits are used
}

}  // namespace
}  // namespace xgate::protocol
