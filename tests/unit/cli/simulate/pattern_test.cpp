// SPDX-License-Identifier: Apache-2.0
#include "cli/simulate/pattern.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace xgate::cli {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Optional;

class PatternTest : public testing::Test {
 protected:
  std::minstd_rand random_{1};
  Filling filling_{7, "SIM0001", 1524448722000, random_};
};

TEST_F(PatternTest, a_range_of_whole_numbers_stays_inside_and_reaches_both_ends) {
  bool low = false;
  bool high = false;
  for (int i = 0; i < 500; ++i) {
    const json value = filled("-1..2", filling_);
    ASSERT_TRUE(value.is_number_integer());
    ASSERT_GE(value, -1);
    ASSERT_LE(value, 2);
    low = low || value == -1;
    high = high || value == 2;
  }
  EXPECT_TRUE(low && high);
}

TEST_F(PatternTest, a_range_with_a_point_has_as_many_decimals) {
  for (int i = 0; i < 200; ++i) {
    const json value = filled("20.0..20.3", filling_);
    ASSERT_TRUE(value.is_number_float());
    EXPECT_THAT(value.dump(), testing::AnyOf("20.0", "20.1", "20.2", "20.3"));
  }
}

TEST_F(PatternTest, words_stand_for_what_they_say) {
  const json pattern{{"n", "@count"}, {"list", json::array({"@node", "@time"})}};
  EXPECT_EQ(filled(pattern, filling_),
            (json{{"n", 7}, {"list", json::array({"SIM0001", 1524448722000})}}));
  EXPECT_EQ(filled("@text 1..2", filling_), "1..2");
}

TEST_F(PatternTest, everything_else_stands_for_itself) {
  for (const json& value : {json("on"), json("a..b"), json("1.."), json("v2.1.3"), json(1.5),
                            json(nullptr), json(true), json("..")})
    EXPECT_EQ(filled(value, filling_), value);
}

TEST_F(PatternTest, what_looks_like_a_pattern_and_is_none_is_told) {
  EXPECT_THAT(wrong_with("@nod"), Optional(HasSubstr("@nod")));
  EXPECT_THAT(wrong_with(json{{"a", json::array({"30..20"})}}), Optional(HasSubstr("30..20")));
  EXPECT_THAT(wrong_with("0..1000000000000000000000"), Optional(HasSubstr("too far")));
  EXPECT_EQ(wrong_with(json{{"a", "20..30"}, {"b", "@count"}, {"c", "on"}}), std::nullopt);
}

TEST_F(PatternTest, hex_has_any_digit_where_a_question_mark_stands) {
  const std::string hex = filled_hex("00f0 ff??", filling_);
  EXPECT_EQ(hex.substr(0, 6), "00f0ff");
  EXPECT_EQ(hex.size(), 8U);
  EXPECT_EQ(hex.find('?'), std::string::npos);
  EXPECT_EQ(wrong_with_hex("00 f?"), std::nullopt);
  EXPECT_TRUE(wrong_with_hex("00f"));
  EXPECT_TRUE(wrong_with_hex("0x00"));
  EXPECT_TRUE(wrong_with_hex(""));
}

}  // namespace
}  // namespace xgate::cli
