// SPDX-License-Identifier: Apache-2.0
#include "pg/array.hpp"

#include <gtest/gtest.h>

#include "fakes/postgres_cluster.hpp"
#include "pg/bytea.hpp"

namespace xgate::pg {
namespace {

TEST(ArrayBuilder, quotes_what_would_mean_something_else) {
  ArrayBuilder array;
  array.add("plain");
  array.add("");
  array.add("NULL");
  array.add(R"(a"b\c{d},)");
  array.add(std::optional<std::string>());
  EXPECT_EQ(array.size(), 5U);
  EXPECT_EQ(array.take(), R"({"plain","","NULL","a\"b\\c{d},",NULL})");
  EXPECT_EQ(array.size(), 0U);
  EXPECT_EQ(array.take(), "{}");
}

TEST(ArrayBuilder, writes_numbers_booleans_and_bytes) {
  ArrayBuilder array;
  array.add(std::int64_t{-9223372036854775807LL - 1});
  array.add(true);
  array.add(false);
  array.add_bytea(std::string("\x00\xff", 2));
  EXPECT_EQ(array.take(), R"({-9223372036854775808,t,f,"\\x00ff"})");
}

TEST(Bytea, decodes_what_it_encodes) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  std::string text = "\\x";
  append_hex(text, bytes);
  EXPECT_EQ(decode_bytea(text), bytes);
  EXPECT_EQ(decode_bytea("no hex"), "");
}

TEST(ArrayBuilder, round_trips_through_the_server) {
  auto connection = Connection::open(fakes::PostgresCluster::shared().conninfo());
  ASSERT_TRUE(connection) << connection.error().message;
  const std::string nasty = "\"\\{}, \t\n'设备'\x01";
  ArrayBuilder texts;
  texts.add(nasty);
  texts.add_null();
  ArrayBuilder bytes;
  const std::string raw("\0\\\"\xff", 4);
  bytes.add_bytea(raw);
  bytes.add_bytea("");
  auto rows = connection->exec("SELECT t, b FROM unnest($1::text[], $2::bytea[]) AS x(t, b)",
                               {texts.take(), bytes.take()});
  ASSERT_TRUE(rows) << rows.error().message;
  ASSERT_EQ(rows->size(), 2);
  EXPECT_EQ(rows->text(0, 0), nasty);
  EXPECT_EQ(rows->bytea(0, 1), raw);
  EXPECT_TRUE(rows->is_null(1, 0));
  EXPECT_EQ(rows->optional_text(1, 0), std::nullopt);
  EXPECT_EQ(rows->bytea(1, 1), "");
}

}  // namespace
}  // namespace xgate::pg
