// SPDX-License-Identifier: Apache-2.0
#include "service/api/csv.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace xgate::api {
namespace {

using ::testing::ElementsAre;

TEST(CsvReader, reads_plain_and_quoted_fields) {
  CsvReader reader("a,b\r\n\"x,\"\"y\"\"\r\nz\",\r\n");
  auto record = reader.next();
  ASSERT_TRUE(record);
  EXPECT_THAT(record->fields, ElementsAre("a", "b"));
  record = reader.next();
  ASSERT_TRUE(record);
  EXPECT_EQ(record->line, 2U);
  EXPECT_THAT(record->fields, ElementsAre("x,\"y\"\r\nz", ""));
  EXPECT_FALSE(reader.next());
}

TEST(CsvReader, takes_what_spreadsheets_write) {
  CsvReader reader(
      "\xEF\xBB\xBF"
      "a\n\n\r\nb");
  EXPECT_THAT(reader.next()->fields, ElementsAre("a"));
  const auto last = reader.next();
  EXPECT_EQ(last->line, 4U);
  EXPECT_THAT(last->fields, ElementsAre("b"));
  EXPECT_FALSE(reader.next());
}

TEST(CsvReader, names_the_line_of_an_error_and_goes_on) {
  CsvReader reader("a\"b\n\"c\"d\ne\rf\ngood\n\"never closed\n");
  for (const std::size_t line : {1U, 2U, 3U}) {
    const auto record = reader.next();
    ASSERT_TRUE(record);
    EXPECT_EQ(record->line, line);
    EXPECT_NE(record->error, "");
    EXPECT_TRUE(record->fields.empty());
  }
  const auto good = reader.next();
  EXPECT_EQ(good->line, 4U);
  EXPECT_THAT(good->fields, ElementsAre("good"));
  EXPECT_NE(reader.next()->error, "");
  EXPECT_FALSE(reader.next());
}

TEST(CsvReader, nothing_comes_of_nothing) {
  EXPECT_FALSE(CsvReader("").next());
  EXPECT_FALSE(CsvReader("\n\r\n").next());
  EXPECT_THAT(CsvReader(",").next()->fields, ElementsAre("", ""));
}

TEST(CsvField, is_quoted_where_it_must_be) {
  std::string out;
  append_csv_field(out, "plain");
  EXPECT_EQ(out, "plain");
  out.clear();
  append_csv_field(out, "a,\"b\"\n");
  EXPECT_EQ(out, "\"a,\"\"b\"\"\n\"");
}

}  // namespace
}  // namespace xgate::api
