// SPDX-License-Identifier: Apache-2.0
#include "protocol/plain_json.hpp"

#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace xgate::protocol {
namespace {

using nlohmann::json;

TEST(PlainJson, gives_what_the_library_gives) {
  for (
      const std::string text :
      {R"({"MessageId":7,"HeaderCtrl":4,"Payload":{"data":{"t":21.5,"n":-3,"on":true}},"Version":"2.0"})",
       "{}", "[]", " [ 1 , [ ] , { } , null , false ] \r\n\t", "0", "-0", "-0.0", "1e5", "1E-5",
       "0.1", "18446744073709551615", "-9223372036854775808", R"("a\"b\\c\/d\b\f\n\r\t")",
       "\"\x7f\"", "\"\"", R"({"a":{"b":{"c":[[[1]]]}},"":""})", "2.2250738585072014e-308",
       "123456789.123456789"}) {
    const auto value = read_plain_json(text, {});
    ASSERT_TRUE(value) << text;
    const auto expected = json::parse(text);
    EXPECT_EQ(*value, expected) << text;
    EXPECT_EQ(value->type(), expected.type()) << text;
    EXPECT_EQ(value->dump(), expected.dump()) << text;
  }
}

TEST(PlainJson, leaves_what_is_not_plain_to_the_library) {
  for (const std::string text : {"",
                                 " ",
                                 "{",
                                 "[",
                                 "[1",
                                 "[1,",
                                 "[1,]",
                                 "{\"a\"",
                                 "{\"a\":",
                                 "{\"a\":1",
                                 "{\"a\":1,}",
                                 "{a:1}",
                                 "{} x",
                                 "01",
                                 "-",
                                 "+1",
                                 ".5",
                                 "1.",
                                 "1e",
                                 "1e+",
                                 "--1",
                                 "tru",
                                 "nulll",
                                 "truex",
                                 "\"",
                                 "\"\\",
                                 "\"\\u0041\"",
                                 "\"\\x\"",
                                 "\"\n\"",
                                 "\"\xe5\x88\xa9\"",
                                 "\"\xff\"",
                                 "{\"a\":1,\"a\":2}",
                                 "18446744073709551616",
                                 "-9223372036854775809",
                                 "1e999",
                                 "NaN",
                                 "\xef\xbb\xbf{}",
                                 "[1 2]",
                                 "{\"a\" 1}",
                                 "'a'"})
    EXPECT_FALSE(read_plain_json(text, {})) << text;
  EXPECT_FALSE(read_plain_json(std::string_view("[1\0]", 4), {}));
}

TEST(PlainJson, depth_is_bounded_as_asked_and_by_itself) {
  const auto nested = [](int depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_TRUE(read_plain_json(nested(3), {.max_depth = 3}));
  EXPECT_FALSE(read_plain_json(nested(4), {.max_depth = 3}));
  EXPECT_TRUE(read_plain_json("[" + nested(2) + "," + nested(2) + "]", {.max_depth = 3}));
  EXPECT_FALSE(read_plain_json(nested(100'000), {.max_depth = 1'000'000}));
  EXPECT_FALSE(read_plain_json(std::string(100'000, '['), {.max_depth = 1'000'000}));
}

TEST(PlainJson, writes_what_the_library_writes) {
  json deep = 1;
  for (int i = 0; i < 200; ++i) deep = json::array({deep, {{"a", deep.is_number()}}});
  for (const json& value :
       std::vector<json>{nullptr,
                         true,
                         -1,
                         0,
                         18446744073709551615U,
                         std::numeric_limits<std::int64_t>::min(),
                         1.5,
                         48.0,
                         1e300,
                         std::numeric_limits<double>::infinity(),
                         "",
                         "plain",
                         "a\"b\\c\n\x01",
                         "\x7f",
                         "利尔达",
                         "cut \xe5\x88",
                         json::array(),
                         json::object(),
                         {{"k\"", {1, 2, json::object(), json::array({nullptr})}}, {"", "{"}},
                         {{"{", {{"{", 1}}}},
                         deep}) {
    std::string text = "before";
    append_compact(text, value);
    EXPECT_EQ(text, "before" + value.dump(-1, ' ', false, json::error_handler_t::replace));
  }
}

}  // namespace
}  // namespace xgate::protocol
