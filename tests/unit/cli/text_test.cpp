// SPDX-License-Identifier: Apache-2.0
#include "cli/text.hpp"

#include <gtest/gtest.h>

namespace xgate::cli {
namespace {

TEST(Text, chinese_takes_two_columns_and_combining_marks_none) {
  EXPECT_EQ(display_width("abc"), 3U);
  EXPECT_EQ(display_width("厂商"), 4U);
  EXPECT_EQ(display_width("e\xCC\x81"), 1U);  // e and a combining acute accent
  EXPECT_EQ(display_width("✓"), 1U);
}

TEST(Text, what_a_device_sent_is_shown_byte_for_byte) {
  EXPECT_EQ(as_it_came(std::string_view("{\"b\": 1}\0", 9)), "{\"b\": 1}␀");
  EXPECT_EQ(as_it_came("{\r\n\t\"b\\n\" : 1.50\n}"), "{␍␊␉\"b\\n\" : 1.50␊}");
  EXPECT_EQ(as_it_came("  a b  "), "␣␣a b␣␣");
  EXPECT_EQ(as_it_came("   "), "␣␣␣");
  EXPECT_EQ(as_it_came("\xCE\xC2\xB6\xC8 25℃ 温度\x7F"), "\\xce¶\\xc8 25℃ 温度␡");
  EXPECT_EQ(as_it_came("\xE2\x80\xAE"), "\\u202e");
  EXPECT_EQ(as_it_came(""), "");
}

TEST(Text, every_blank_is_seen_where_one_may_be_the_mistake) {
  EXPECT_EQ(with_visible_blanks("/sys/O/P/N //uplink "), "/sys/O/P/N␣//uplink␣");
  EXPECT_EQ(with_visible_blanks("a\tb\u3000c\u00A0d\uFEFF"), "a␉b\\u3000c\\u00a0d\\ufeff");
  EXPECT_EQ(with_visible_blanks("温度"), "温度");
}

TEST(Text, is_cut_between_characters_and_says_so) {
  EXPECT_EQ(clipped("abcdef", 6), "abcdef");
  EXPECT_EQ(clipped("abcdef", 4), "abc…");
  EXPECT_EQ(clipped("厂商名称", 6), "厂商…");  // a half character is never shown
  EXPECT_EQ(clipped("厂商名称", 5), "厂商…");
  EXPECT_EQ(clipped("厂商名称", 4), "厂…");
}

}  // namespace
}  // namespace xgate::cli
