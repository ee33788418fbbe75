// SPDX-License-Identifier: Apache-2.0
#include "protocol/json.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/json_text.hpp"

namespace xgate::protocol {
namespace {

using testing::HasSubstr;

std::string error_of(std::string_view text, JsonLimits limits = {}) {
  const auto value = parse_json(text, limits);
  return value ? "accepted: " + compact(*value) : value.error();
}

TEST(Json, what_is_valid_comes_out_as_it_went_in) {
  for (const auto& text : std::vector<std::string>{
           "{}", "[]", "null", "true", "-7", "1.5", "\"\"", "\"a\\\"b\"",
           R"([1,[2,[3]],{"a":{"b":[null,false]},"c":-1}])", R"({"a":[{"b":1},{"b":2}],"z":"\n"})",
           "18446744073709551615", "-9223372036854775808", R"("利尔达")"}) {
    const auto value = parse_json(text);
    ASSERT_TRUE(value) << text << ": " << value.error();
    EXPECT_EQ(compact(*value), text);
  }
}

/// What our reader says of a text is what nlohmann's says, where it takes it at all.
TEST(Json, two_readers_agree) {
  for (const auto& text : std::vector<std::string>{
           "-0", "0", "-0.0", "1e5", "1E+5", "1.25e-3", "0.1", "1e-400", "4.9e-324",
           "123456789012345678901234567890.5", "1.7976931348623157e308", "-9223372036854775808",
           R"("\u00e9\ud83d\ude00\/\b\f\t\r\n\\")", "\"\x7F\"", "\xEF\xBB\xBF{}", " [ 1 , 2 ] ",
           "\"\xED\x9F\xBF\"", R"({"":{"":[]}})"}) {
    const auto value = parse_json(text);
    ASSERT_TRUE(value) << text << ": " << value.error();
    const auto expected = nlohmann::json::parse(text);
    EXPECT_EQ(*value, expected) << text;
    EXPECT_EQ(value->type(), expected.type()) << text;
    EXPECT_EQ(compact(*value), expected.dump()) << text;
  }
}

TEST(Json, half_a_surrogate_pair_is_refused) {
  for (const auto* text :
       {R"("\udc00")", R"("\ud800")", R"("\ud800\u0041")", R"({"\udfff":1})", R"(["a\ud83dx"])"}) {
    EXPECT_THAT(error_of(text), HasSubstr("not JSON")) << text;
  }
}

TEST(Json, integers_keep_all_64_bits) {
  EXPECT_EQ(parse_json("18446744073709551615")->get<std::uint64_t>(), 18446744073709551615U);
  EXPECT_EQ(parse_json("-9223372036854775808")->get<std::int64_t>(), INT64_MIN);
}

TEST(Json, FRAME_5_an_integer_beyond_64_bits_is_refused_not_rounded) {
  EXPECT_EQ(error_of("18446744073709551616"), "an integer does not fit into 64 bits, near byte 20");
  EXPECT_THAT(error_of(R"({"MessageId":18446744073709551616})"), HasSubstr("64 bits"));
  EXPECT_THAT(error_of("-9223372036854775809"), HasSubstr("64 bits"));
  EXPECT_THAT(error_of(std::string(400, '9')), HasSubstr("not JSON"));
}

TEST(Json, numbers_beyond_double_are_refused) {
  EXPECT_EQ(error_of("[1e999]"), "not JSON at byte 6: a number is out of range");
  EXPECT_TRUE(parse_json("1e300"));
}

TEST(Json, FRAME_5_depth_is_bounded) {
  const auto nested = [](int depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_TRUE(parse_json(nested(32)));
  EXPECT_EQ(error_of(nested(33)), "nested deeper than 32 levels, near byte 33");
  EXPECT_TRUE(parse_json(nested(3), {.max_depth = 3}));
  EXPECT_THAT(error_of(nested(4), {.max_depth = 3}), HasSubstr("nested deeper than 3 levels"));
  EXPECT_THAT(error_of(R"({"a":{"b":{"c":{}}}})", {.max_depth = 3}), HasSubstr("nested deeper"));
}

TEST(Json, FRAME_5_a_hundred_thousand_brackets_are_refused_at_the_33rd) {
  EXPECT_EQ(error_of(std::string(100'000, '[')), "nested deeper than 32 levels, near byte 33");
  std::string objects;
  for (int i = 0; i < 30'000; ++i) objects += R"({"a":)";
  EXPECT_THAT(error_of(objects), HasSubstr("nested deeper than 32 levels"));
}

TEST(Json, siblings_do_not_count_as_depth) {
  std::string text = "[";
  for (int i = 0; i < 1000; ++i) text += "[{}],";
  text += "1]";
  const auto value = parse_json(text);
  ASSERT_TRUE(value);
  EXPECT_EQ(value->size(), 1001U);
  EXPECT_EQ(compact(*value), text);
}

TEST(Json, FRAME_5_size_is_bounded) {
  const auto text = '"' + std::string(98, 'x') + '"';
  EXPECT_TRUE(parse_json(text, {.max_bytes = 100}));
  EXPECT_EQ(error_of(text, {.max_bytes = 99}), "longer than 99 bytes");
  EXPECT_EQ(error_of(std::string(256 * 1024 + 1, ' ')), "longer than 262144 bytes");
}

TEST(Json, FRAME_5_a_member_that_stands_there_twice_is_refused) {
  EXPECT_EQ(error_of(R"({"a":1,"a":2})"), "a member stands there twice, near byte 10");
  EXPECT_THAT(error_of(R"([{"x":{"b":1,"b":1}}])"), HasSubstr("twice"));
  EXPECT_THAT(error_of("{\"a\":1,\"\\u0061\":2}"), HasSubstr("twice"));
  EXPECT_TRUE(parse_json(R"([{"a":1},{"a":2,"b":{"a":3}}])"));
}

TEST(Json, FRAME_5_nul_is_refused_raw_and_escaped) {
  EXPECT_EQ(error_of(std::string("{}\0garbage", 10)), "a NUL byte at byte 3");
  EXPECT_THAT(error_of(std::string("\0", 1)), HasSubstr("a NUL byte at byte 1"));
  EXPECT_THAT(error_of(R"({"a":"x\u0000y"})"), HasSubstr("a string holds the character \\u0000"));
  EXPECT_THAT(error_of(R"({"a\u0000":1})"), HasSubstr("a member's name holds"));
}

TEST(Json, FRAME_5_invalid_utf8_is_refused) {
  for (const auto& text :
       std::vector<std::string>{"\"\xFF\"", "\"\xC0\x80\"", "\"\xED\xA0\x80\"", "\"\xE4\xBD\"",
                                "\"\xF4\x90\x80\x80\"", "{\"\x80\":1}"}) {
    EXPECT_THAT(error_of(text), HasSubstr("UTF-8")) << testing::PrintToString(text);
  }
  EXPECT_THAT(error_of("\"\\ud800\""), HasSubstr("not JSON"));
}

TEST(Json, FRAME_5_bytes_behind_the_value_are_refused) {
  EXPECT_THAT(error_of("{} x"), HasSubstr("not JSON at byte 4"));
  EXPECT_THAT(error_of("{}{}"), HasSubstr("not JSON at byte 3"));
  EXPECT_TRUE(parse_json(" {} \r\n\t"));
}

TEST(Json, FRAME_5_what_is_not_json_is_refused_with_its_place) {
  EXPECT_EQ(error_of(""), "not JSON at byte 1: unexpected end of input: it is empty");
  EXPECT_EQ(error_of("[1,2"),
            "not JSON at byte 5: unexpected end of input: it ends too early: is it cut off?");
  EXPECT_EQ(error_of("{'a':1}"),
            "not JSON at byte 2: invalid literal: strings and names stand between double quotation "
            "marks, not single ones");
  EXPECT_THAT(error_of("{\"a\":1,}"), HasSubstr("not JSON at byte 8"));
  EXPECT_THAT(error_of("01"), HasSubstr("not JSON"));
  EXPECT_THAT(error_of("NaN"), HasSubstr("not JSON"));
  EXPECT_THAT(error_of("\"a\nb\""), HasSubstr("not JSON"));
  EXPECT_THAT(error_of("// comment\n1"), HasSubstr("not JSON"));
}

TEST(Json, an_error_does_not_quote_what_came) {
  for (const auto& text : std::vector<std::string>{
           R"({"DeviceSecret":"32608623)", "326086233FAB8A96", R"({"DeviceSecret":326086233FAB})",
           R"({"32608623":1,"32608623":2})"}) {
    EXPECT_THAT(error_of(text), testing::Not(HasSubstr("32608623"))) << text;
  }
}

TEST(Json, compact_replaces_what_is_not_utf8_and_never_throws) {
  EXPECT_EQ(compact(nlohmann::json("a\xFF")), "\"a\xEF\xBF\xBD\"");
}

TEST(Json, a_members_text_is_found_as_it_stands_there) {
  const std::string text = R"( {"a" : [1, {"b":"]}"}], "b":-1.50e+3 ,"c" :"x\\\"y", "d":{"b":2},
"e":null})";
  const auto of = [&](const char* name) { return text_of_member(text, name, "not there"); };
  EXPECT_EQ(of("a"), R"([1, {"b":"]}"}])");
  EXPECT_EQ(of("b"), "-1.50e+3");
  EXPECT_EQ(of("c"), R"("x\\\"y")");
  EXPECT_EQ(of("d"), R"({"b":2})");
  EXPECT_EQ(of("e"), "null");
  EXPECT_EQ(of("f"), "\"not there\"");
  EXPECT_EQ(text_of_member(R"({"\u0061" : 1})", "a", 1), "1") << "its name has escapes";
  const auto parsed = parse_json(text);
  for (const auto& [name, value] : parsed->items()) {
    EXPECT_EQ(parse_json(text_of_member(text, name, {})), value) << name;
  }
}

TEST(Json, members_keep_their_order_where_it_is_wanted) {
  const std::string text = R"({"z":1,"a":{"y":[{"d":1,"c":2}],"b":2},"m":18446744073709551615})";
  EXPECT_EQ(compact(*parse_ordered_json(text)), text);
  EXPECT_FALSE(parse_ordered_json("{\"a\":").has_value());
}

}  // namespace
}  // namespace xgate::protocol
