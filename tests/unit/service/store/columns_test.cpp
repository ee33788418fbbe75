// SPDX-License-Identifier: Apache-2.0
#include "service/store/columns.hpp"

#include <array>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace xgate::store {
namespace {

using namespace std::string_view_literals;

TEST(Columns, what_postgresql_takes_is_left_as_it_is) {
  for (const auto text : {""sv, "V2_AA30C505.NODE0001_0_1"sv, "设备"sv, "\xF0\x9F\x98\x80"sv}) {
    EXPECT_TRUE(is_storable(text)) << text;
    EXPECT_EQ(storable(text), text);
  }
}

TEST(Columns, what_it_does_not_take_is_replaced) {
  for (const auto text : {"a\0b"sv, "a\xFFz"sv, "\xC0\x80"sv, "\xED\xA0\x80"sv, "\xE8\xAE"sv}) {
    EXPECT_FALSE(is_storable(text)) << text;
    EXPECT_TRUE(is_storable(storable(text))) << text;
  }
  EXPECT_EQ(storable("a\0z"sv), "a\xEF\xBF\xBDz");
}

TEST(Columns, one_bad_byte_is_found_wherever_it_stands) {
  const std::string good = "sixteen letters. sixteen letters.";
  EXPECT_TRUE(is_storable(good));
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (const char bad : {'\0', '\x80', '\xff'}) {
      std::string text = good;
      text[at] = bad;
      EXPECT_FALSE(is_storable(text)) << at;
    }
    EXPECT_TRUE(is_storable(good.substr(0, at) + "设" + good.substr(at))) << at;
  }
}

TEST(Columns, ids_make_an_array) {
  EXPECT_EQ(id_array({}), "{}");
  EXPECT_EQ(id_array(std::array<std::int64_t, 2>{7, -1}), "{7,-1}");
}

}  // namespace
}  // namespace xgate::store
