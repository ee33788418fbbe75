// SPDX-License-Identifier: Apache-2.0
#include "cli/local_time.hpp"

#include <cstdlib>

#include <gtest/gtest.h>

namespace xgate::cli {
namespace {

class LocalTime : public testing::Test {
 protected:
  LocalTime() {
    setenv("TZ", "Asia/Shanghai", 1);
    tzset();
  }
  ~LocalTime() override {
    unsetenv("TZ");
    tzset();
  }
};

TEST_F(LocalTime, is_read_as_it_is_printed) {
  const std::string stored = "2026-11-23T02:04:50.123Z";
  EXPECT_EQ(local_time(stored), "2026-11-23 10:04:50.123");
  EXPECT_EQ(zoned_time(stored), "2026-11-23 10:04:50.123 +08:00");
  EXPECT_EQ(time_from(local_time(stored), 0), stored);
  EXPECT_EQ(time_from(zoned_time(stored), 0), stored);
  EXPECT_EQ(time_from(stored, 0), stored);
}

TEST_F(LocalTime, is_read_in_other_zones_and_as_a_duration) {
  EXPECT_EQ(time_from("2026-11-23T02:04:50Z", 0), "2026-11-23T02:04:50Z");
  EXPECT_EQ(time_from("2026-11-23T02:04:50-05:30", 0), "2026-11-23T07:34:50Z");
  EXPECT_EQ(time_from("2026-11-23 10:04:50 +0800", 0), "2026-11-23T02:04:50Z");
  EXPECT_EQ(time_from("2h", 7200 + 86400), "1970-01-02T00:00:00Z");
}

TEST_F(LocalTime, a_time_to_come_is_written_as_a_time_a_day_or_in_how_long) {
  EXPECT_EQ(coming_time_from("30d", 0), "1970-01-31T00:00:00Z");
  EXPECT_EQ(coming_time_from("2026-11-23", 0), "2026-11-23T16:00:00Z") << "to the end of that day";
  EXPECT_EQ(coming_time_from("2026-11-30", 0), "2026-11-30T16:00:00Z");
  EXPECT_EQ(coming_time_from("2026-11-23 10:04:50", 0), "2026-11-23T02:04:50Z");
  for (const char* text : {"", "soon", "-1d", "2026-11", "2026-11-23 10", "999999999d"}) {
    EXPECT_FALSE(coming_time_from(text, 0)) << text;
  }
}

TEST_F(LocalTime, what_is_not_a_time_is_none) {
  for (const char* text :
       {"", "today", "2026-11-23", "2026-11-23 10:04", "2026-11-23 10:04:50 CST",
        "2026-11-23 10:04:50.", "2026-13-23 10:04:50", "2026-11-23 10:04:50+25"}) {
    EXPECT_FALSE(time_from(text, 0)) << text;
  }
}

TEST_F(LocalTime, a_sentences_times_are_shown_in_this_zone_and_are_taken_as_input) {
  EXPECT_EQ(with_zoned_times("the next try counts at 2026-11-23T02:04:50Z, in 4 s"),
            "the next try counts at 2026-11-23 10:04:50 +08:00, in 4 s");
  EXPECT_EQ(with_zoned_times("2026-11-23T02:04:50Z"), "2026-11-23 10:04:50 +08:00");
  EXPECT_EQ(time_from("2026-11-23 10:04:50 +08:00", 0), "2026-11-23T02:04:50Z");
  for (const char* text : {"", "2026-11-23T02:04:5", "\"2026-11-23T02:04:50Z\" is not a number",
                           "V2_P.N_1_1675404867", "温度 2026-11-23"}) {
    EXPECT_EQ(with_zoned_times(text), text);
  }
}

TEST_F(LocalTime, text_that_is_not_a_time_of_the_api_is_shown_unchanged) {
  EXPECT_EQ(local_time("never"), "never");
  EXPECT_EQ(zoned_time(""), "");
}

}  // namespace
}  // namespace xgate::cli
