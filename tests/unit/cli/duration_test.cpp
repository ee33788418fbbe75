// SPDX-License-Identifier: Apache-2.0
#include "cli/duration.hpp"

#include <gtest/gtest.h>

namespace xgate::cli {
namespace {

TEST(Duration, takes_seconds_minutes_hours_days_and_their_sums) {
  EXPECT_EQ(parse_duration("90s").value(), 90);
  EXPECT_EQ(parse_duration("30m").value(), 1800);
  EXPECT_EQ(parse_duration("48h").value(), 172800);
  EXPECT_EQ(parse_duration("2d").value(), 172800);
  EXPECT_EQ(parse_duration("1d12h").value(), 129600);
}

TEST(Duration, refuses_what_is_none_and_says_what_one_looks_like) {
  for (const char* text :
       {"", "48", "h", "48 h", "-1h", "+1h", "1.5h", "48H", "1w", "h48", "9223372036854775807d",
        "99999999999999999999s", "1h9223372036854775807s"}) {
    const auto parsed = parse_duration(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_NE(parsed.error().find("48h"), std::string::npos) << parsed.error();
  }
}

TEST(Duration, of_nothing_is_told_apart) {
  EXPECT_EQ(parse_duration("0s").error(), "\"0s\" is no time at all; the least is 1s");
}

TEST(Duration, is_written_in_the_largest_unit_that_is_exact) {
  EXPECT_EQ(format_duration(172800), "2d");
  EXPECT_EQ(format_duration(5400), "90m");
  EXPECT_EQ(format_duration(3600), "1h");
  EXPECT_EQ(format_duration(61), "61s");
  EXPECT_EQ(format_duration(0), "0s");
}

TEST(Duration, comes_back_from_its_text) {
  for (const std::int64_t seconds : {1, 59, 60, 3600, 86399, 86400, 172800}) {
    EXPECT_EQ(parse_duration(format_duration(seconds)).value(), seconds);
  }
}

}  // namespace
}  // namespace xgate::cli
