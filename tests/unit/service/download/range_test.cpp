// SPDX-License-Identifier: Apache-2.0
#include "service/download/range.hpp"

#include <gtest/gtest.h>

namespace xgate::download {
namespace {

constexpr Extent whole{Part::whole, 0, 1000};
constexpr Extent none{Part::unsatisfiable, 0, 0};
constexpr Extent range(std::int64_t first, std::int64_t length) {
  return {Part::range, first, length};
}
Extent of(std::string_view header) { return resolve_range(header, 1000); }

TEST(Range, OTA_4_single_ranges) {
  EXPECT_EQ(of("bytes=0-0"), range(0, 1));
  EXPECT_EQ(of("bytes=0-499"), range(0, 500));
  EXPECT_EQ(of("bytes=500-999"), range(500, 500));
  EXPECT_EQ(of("bytes=999-999"), range(999, 1));
  EXPECT_EQ(of("Bytes = 10-19 "), range(10, 10)) << "units know no case";
}

TEST(Range, OTA_4_what_goes_beyond_the_end_is_cut) {
  EXPECT_EQ(of("bytes=500-5000"), range(500, 500));
  EXPECT_EQ(of("bytes=0-99999999999999999999999"), range(0, 1000));
  EXPECT_EQ(of("bytes=-5000"), range(0, 1000));
  EXPECT_EQ(of("bytes=-99999999999999999999999"), range(0, 1000));
}

TEST(Range, OTA_4_open_ranges_and_suffixes) {
  EXPECT_EQ(of("bytes=0-"), range(0, 1000));
  EXPECT_EQ(of("bytes=999-"), range(999, 1));
  EXPECT_EQ(of("bytes=-1"), range(999, 1));
  EXPECT_EQ(of("bytes=-999"), range(1, 999));
}

TEST(Range, OTA_4_behind_the_end_is_unsatisfiable) {
  for (const char* header : {"bytes=1000-", "bytes=1000-1001", "bytes=99999999999999999999-",
                             "bytes=-0", "bytes=1000-,2000-"}) {
    EXPECT_EQ(of(header), none) << header;
  }
}

TEST(Range, OTA_4_nonsense_is_unsatisfiable) {
  for (const char* header :
       {"bytes", "bytes=", "bytes=-", "bytes=abc", "bytes=5", "bytes=9-5", "bytes=+1-2",
        "bytes=1-2-3", "bytes=0x1-2", "bytes= 1 - 2", "bytes=--1", "bytes=0-1,nonsense", "x"}) {
    EXPECT_EQ(of(header), none) << header;
  }
}

TEST(Range, OTA_4_none_other_units_and_several_ranges_mean_the_whole_file) {
  EXPECT_EQ(of(""), whole);
  EXPECT_EQ(of("items=0-1"), whole);
  EXPECT_EQ(of("bytes=0-1,5-6"), whole);
  EXPECT_EQ(of("bytes=0-1, -1"), whole);
  EXPECT_EQ(of("bytes=0-1,,"), range(0, 2)) << "empty elements of a list count for nothing";
}

TEST(Range, OTA_4_of_a_file_of_one_byte) {
  EXPECT_EQ(resolve_range("bytes=0-0", 1), range(0, 1));
  EXPECT_EQ(resolve_range("bytes=-1", 1), range(0, 1));
  EXPECT_EQ(resolve_range("bytes=1-", 1), none);
}

TEST(IfRange, OTA_4_names_the_very_file) {
  constexpr std::string_view etag = "\"abc\"";
  EXPECT_TRUE(if_range_holds("", etag, 784111777));
  EXPECT_TRUE(if_range_holds("\"abc\"", etag, 784111777));
  EXPECT_FALSE(if_range_holds("\"abd\"", etag, 784111777));
  EXPECT_FALSE(if_range_holds("W/\"abc\"", etag, 784111777)) << "weak";
  EXPECT_TRUE(if_range_holds("Sun, 06 Nov 1994 08:49:37 GMT", etag, 784111777));
  EXPECT_FALSE(if_range_holds("Sun, 06 Nov 1994 08:49:38 GMT", etag, 784111777));
  EXPECT_FALSE(if_range_holds("nonsense", etag, 784111777));
}

TEST(Preconditions, OTA_4_come_in_the_order_of_RFC_9110) {
  constexpr std::string_view at = "Sun, 06 Nov 1994 08:49:37 GMT";
  constexpr std::string_view before = "Sun, 06 Nov 1994 08:49:36 GMT";
  const auto of = [](const Preconditions& wanted) {
    return check_preconditions(wanted, "\"abc\"", 784111777);
  };
  EXPECT_EQ(of({}), Precondition::met);
  EXPECT_EQ(of({.if_match = "\"abc\""}), Precondition::met);
  EXPECT_EQ(of({.if_match = "\"abd\""}), Precondition::failed);
  EXPECT_EQ(of({.if_match = "\"abc\"", .if_unmodified_since = before}), Precondition::met);
  EXPECT_EQ(of({.if_unmodified_since = at}), Precondition::met);
  EXPECT_EQ(of({.if_unmodified_since = before}), Precondition::failed);
  EXPECT_EQ(of({.if_unmodified_since = "yesterday"}), Precondition::met);
  EXPECT_EQ(of({.if_none_match = "\"abc\""}), Precondition::not_modified);
  EXPECT_EQ(of({.if_match = "\"abd\"", .if_none_match = "\"abc\""}), Precondition::failed);
  EXPECT_EQ(of({.if_none_match = "\"abd\"", .if_modified_since = at}), Precondition::met);
  EXPECT_EQ(of({.if_modified_since = at}), Precondition::not_modified);
  EXPECT_EQ(of({.if_modified_since = before}), Precondition::met);
  EXPECT_EQ(of({.if_modified_since = "Sun, 06 Nov 1994 08:49:37 GMT nonsense"}), Precondition::met);
}

TEST(HttpDate, is_rfc_9110s) {
  EXPECT_EQ(http_date(784111777), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(http_date(0), "Thu, 01 Jan 1970 00:00:00 GMT");
}

TEST(DownId, OTA_4_in_path_query_or_header) {
  EXPECT_EQ(down_id_of("/ota/E0C0/file.bin", ""), "E0C0");
  EXPECT_EQ(down_id_of("/ota/E0C0", ""), "E0C0");
  EXPECT_EQ(down_id_of("http://host:81/ota/E0C0/x", ""), "E0C0");
  EXPECT_EQ(down_id_of("/ota/file.bin?DownID=E0C0", ""), "E0C0");
  EXPECT_EQ(down_id_of("/ota?a=b&downid=E0C0&c", ""), "E0C0");
  EXPECT_EQ(down_id_of("/ota/", "E0C0"), "E0C0");
  EXPECT_EQ(down_id_of("/ota/other/x?DownID=E1", " E0C0 "), "E0C0");
  for (const char* target :
       {"", "/", "/ota", "/ota/", "/otax/E0", "/api/E0", "/ota//E0", "x", "http://host",
        "/ota/E-0/x", "/ota/%45/x", "/ota?DownID=", "*", "/ota/../E0"}) {
    EXPECT_FALSE(down_id_of(target, "")) << target;
  }
  EXPECT_FALSE(down_id_of("/ota/" + std::string(65, 'A'), ""));
  EXPECT_FALSE(down_id_of("/api", "E0C0"));
}

}  // namespace
}  // namespace xgate::download
