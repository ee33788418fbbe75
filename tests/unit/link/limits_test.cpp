// SPDX-License-Identifier: Apache-2.0
#include "link/limits.hpp"

#include <gtest/gtest.h>

namespace xgate::link {
namespace {

TEST(Limits, are_stamped_and_read_again) {
  for (const auto& exceeded :
       {Exceeded{Limit::messages, 100}, Exceeded{Limit::bytes, 524288},
        Exceeded{Limit::auth_requests, 1000, true}, Exceeded{Limit::queue, 97}}) {
    EXPECT_EQ(parse_stamp(stamp_text("E1", exceeded), "E1"), exceeded);
  }
  EXPECT_EQ(stamp_text("E1", {Limit::messages, 100}), "E1/1:100");
}

TEST(Limits, that_nobody_stamped_are_none) {
  for (const auto* text : {"", "1", "0:5", "8:5", "1:", "1:x", "1:5x", "1:5:", ":5", "-1:5"}) {
    EXPECT_EQ(parse_stamp("E1/" + std::string(text), "E1"), std::nullopt) << text;
  }
  for (const auto* text : {"1:5", "E1", "E11:5", "E2/1:5", "/1:5"}) {
    EXPECT_EQ(parse_stamp(text, "E1"), std::nullopt) << text;
  }
  EXPECT_EQ(parse_stamp("/1:5", ""), std::nullopt);
}

TEST(QueueSums, are_stamped_and_read_again) {
  const QueueSums sums{7, 12'345'678'901};
  EXPECT_EQ(sums_text("E1", sums), "E1/7:12345678901");
  EXPECT_EQ(parse_sums(sums_text("E1", sums), "E1"), sums);
  EXPECT_EQ(parse_sums(sums_text("E1", sums), "E2"), std::nullopt);
  EXPECT_EQ(parse_sums("E1/7:1x", "E1"), std::nullopt);
  EXPECT_EQ(parse_sums("", ""), std::nullopt);
}

TEST(Limits, are_named_by_their_requirement_and_reason) {
  EXPECT_EQ(requirement(Limit::messages), "LIMIT-1");
  EXPECT_EQ(requirement(Limit::queue), "LIMIT-7");
  EXPECT_EQ(reason({Limit::messages, 100}), "the device sends more than 100 messages a second");
}

}  // namespace
}  // namespace xgate::link
