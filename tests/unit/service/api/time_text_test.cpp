// SPDX-License-Identifier: Apache-2.0
#include "service/api/time_text.hpp"

#include <gtest/gtest.h>

namespace xgate::api {
namespace {

TEST(TimeText, rfc_3339_is_read_with_its_zone) {
  EXPECT_EQ(time_from_text("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(time_from_text("2018-04-23T01:58:42Z"), 1524448722000);
  EXPECT_EQ(time_from_text("2018-04-23T09:58:42+08:00"), 1524448722000);
  EXPECT_EQ(time_from_text("2018-04-22T23:28:42-02:30"), 1524448722000);
  EXPECT_EQ(time_from_text("2018-04-23t01:58:42z"), 1524448722000);
  EXPECT_EQ(time_from_text("2018-04-23T01:58:42.5Z"), 1524448722500);
  EXPECT_EQ(time_from_text("2018-04-23T01:58:42.123999999999Z"), 1524448722123);
  EXPECT_EQ(time_from_text("2024-02-29T00:00:00Z"), 1709164800000);
  EXPECT_EQ(time_from_text("1969-12-31T23:59:59.999Z"), -1);
  EXPECT_EQ(time_from_text("2016-12-31T23:59:60Z"), 1483228800000) << "a leap second";
}

TEST(TimeText, everything_else_is_refused) {
  for (const char* text :
       {"", "now", "2018-04-23", "2018-04-23T01:58:42", "2018-04-23T01:58Z", "2018-4-23T01:58:42Z",
        "2018-13-01T00:00:00Z", "2018-02-29T00:00:00Z", "2018-04-31T00:00:00Z",
        "2018-04-23T24:00:00Z", "2018-04-23T00:60:00Z", "2018-04-23T00:00:61Z",
        "2018-04-23T01:58:42.Z", "2018-04-23T01:58:42Zx", "2018-04-23T01:58:42+0800",
        "2018-04-23T01:58:42+24:00", "2018-04-23T01:58:42 08:00", "-018-04-23T01:58:42Z"}) {
    EXPECT_FALSE(time_from_text(text)) << text;
  }
}

}  // namespace
}  // namespace xgate::api
