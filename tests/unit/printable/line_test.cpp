// SPDX-License-Identifier: Apache-2.0
#include "printable/line.hpp"

#include <string>
#include <string_view>
#include <type_traits>

#include <gtest/gtest.h>

#include "printable/characters.hpp"

namespace xgate::printable {
namespace {

TEST(PrintableLine, shows_what_a_terminal_would_obey) {
  EXPECT_EQ(Line("a\x1b]52;c;aGk=\x07z").text(), "a\\u001b]52;c;aGk=\\u0007z");
  EXPECT_EQ(Line("x\r\n\ty").text(), "x\\u000d\\u000a\\u0009y");
  EXPECT_EQ(Line(std::string_view("\0\x7f", 2)).text(), "\\u0000\\u007f");
  EXPECT_EQ(Line("\u0080\u009b31m\u009f").text(), "\\u0080\\u009b31m\\u009f");
  EXPECT_EQ(Line("\u061c\u200e\u200f").text(), "\\u061c\\u200e\\u200f");
  EXPECT_EQ(Line("\u2028\u2029\u202a\u202e").text(), "\\u2028\\u2029\\u202a\\u202e");
  EXPECT_EQ(Line("\u2066\u2069\u206f").text(), "\\u2066\\u2069\\u206f");
  EXPECT_EQ(Line("\u00ad\u200b\u2060\ufeff").text(), "\\u00ad\\u200b\\u2060\\ufeff");
  EXPECT_EQ(Line("\U000e0041").text(), "\\udb40\\udc41");
}

TEST(PrintableLine, leaves_what_is_read_as_it_is) {
  for (const auto* text :
       {"", "温度 25℃", "a\\u001b", "é\u00a0ü", "👩\u200d🔧", "می\u200cخواهم", "␛", "𠮷"}) {
    EXPECT_EQ(Line(text).text(), text);
  }
}

TEST(PrintableLine, shows_bytes_that_are_no_utf8) {
  EXPECT_EQ(Line("a\xffz").text(), "a\\xffz");
  EXPECT_EQ(Line("\xc0\xaf").text(), "\\xc0\\xaf");           // an overlong "/"
  EXPECT_EQ(Line("\xed\xa0\x80").text(), "\\xed\\xa0\\x80");  // half a surrogate pair
  EXPECT_EQ(Line("\xe5\x8e").text(), "\\xe5\\x8e");           // cut off
  EXPECT_EQ(Line("\x9b"
                 "31m")
                .text(),
            "\\x9b31m");  // C1 of an 8-bit terminal
  EXPECT_TRUE(is_utf8("厂商😀"));
  EXPECT_FALSE(is_utf8("\xF5\x80\x80\x80"));
}

TEST(PrintableLine, of_a_lines_text_is_the_same) {
  const Line once("\x1b\u202e\xff\"\\");
  EXPECT_EQ(Line(once.text()), once);
  EXPECT_EQ(("a\x1b" + once + std::string("\n")).text(), "a\\u001b" + once.text() + "\\u000a");
}

TEST(PrintableLine, quoted_is_one_field_whatever_is_in_it) {
  EXPECT_EQ(quoted("a b").text(), "\"a b\"");
  EXPECT_EQ(quoted("x\" topic=\"y").text(), "\"x\\\" topic=\\\"y\"");
  EXPECT_EQ(quoted("\\u001b\x1b").text(), "\"\\\\u001b\\u001b\"");
  EXPECT_EQ(quoted("温度计", 4).text(), "\"温\"…");
  EXPECT_EQ(quoted("温度计", 9).text(), "\"温度计\"");
}

TEST(PrintableJson, is_the_same_json_without_them) {
  EXPECT_EQ(json("{\n  \"\u202ek\x7f\": \"\u009b\u2028\\u001b\U000e0041温\"\n}"),
            "{\n  \"\\u202ek\\u007f\": \"\\u009b\\u2028\\u001b\\udb40\\udc41温\"\n}");
  EXPECT_EQ(json("\"\xff\""), "\"\uFFFD\"");
}

TEST(PrintableDocument, keeps_its_lines) {
  EXPECT_EQ(document("a\n\tb\x1b\rc\r\n"), "a\n\tb\\u001b\\u000dc\r\n");
}

// What does not stand in the source is escaped or does not compile.
static_assert(!std::is_convertible_v<std::string, Literal>);
static_assert(!std::is_convertible_v<std::string_view, Literal>);
static_assert(!std::is_convertible_v<const char*, Literal>);

TEST(PrintableLiteral, is_written_as_it_stands_in_the_source) {
  const Literal colour = "\x1b[1m";
  const Literal line_end = '\n';
  EXPECT_EQ(colour.text(), "\x1b[1m");
  EXPECT_EQ(line_end.text(), "\n");
}

}  // namespace
}  // namespace xgate::printable
