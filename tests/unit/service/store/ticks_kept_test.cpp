// SPDX-License-Identifier: Apache-2.0
// What is there of former times: from before there were ticks, and as far as retention leaves it.
#include <algorithm>

#include "service/store/messages.hpp"
#include "sql/migrations.hpp"
#include "unit/service/store/ticks_fixture.hpp"

namespace xgate::store {
namespace {

using ::testing::ElementsAre;

constexpr auto first_with_ticks = 16;

class TicksKept : public TicksOfOne {
 protected:
  /// A row, and a tick that is said to be made at that moment.
  void say_at(const std::string& topic, const std::string& at) {
    run(connection_,
        "INSERT INTO message (received_at, product_id, node_eui, topic, raw) VALUES (" + at +
            ", 'AA000001', 'dev1', '" + topic + "', '')");
    ASSERT_TRUE(good(make_tick(connection_)));
    run(connection_, "UPDATE tick SET made_at = " + at +
                         " WHERE tick_id = (SELECT max(tick_id) "
                         "FROM tick)");
  }
  /// So many days before today, at noon.
  static std::string noon(int days_ago) {
    return "((now() AT TIME ZONE 'UTC')::date - " + std::to_string(days_ago) +
           " + time '12:00') AT TIME ZONE 'UTC'";
  }
  void make_partition(int days_ago) {
    const auto day = "(now() AT TIME ZONE 'UTC')::date - " + std::to_string(days_ago);
    run(connection_,
        "SELECT maintain_partitions(" + day + ", " + day + ", '-infinity', '-infinity')");
  }
  std::int64_t partitions() {
    return run(connection_,
               "SELECT count(*) FROM pg_inherits WHERE inhparent = 'message'::regclass AND "
               "to_date(right(inhrelid::regclass::text, 8), 'YYYYMMDD') < (now() AT TIME ZONE "
               "'UTC')::date - 1")
        .int64(0, 0);
  }
};

TEST_F(TicksKept, positions_are_gone_before_the_rows_that_come_after_them) {
  for (const int days_ago : {31, 30, 29}) make_partition(days_ago);
  run(connection_, "UPDATE tick SET made_at = " + noon(32));
  for (int i = 0; i < 25; ++i) say_at("too old", noon(31));
  const auto too_old = good(present_position(connection_));
  say_at("of the day before", noon(30));
  run(connection_,
      "UPDATE message SET received_at = " + noon(31) + " WHERE topic = 'of the day before'");
  say_at("kept", noon(30));
  const auto on_the_first_day = good(present_position(connection_));
  for (int i = 0; i < 25; ++i) say_at("new", noon(29));
  const auto kept = good(present_position(connection_));
  const Retention retention{30, 365};
  int steps = 1;
  for (; !good(maintain_partitions(connection_, retention, 10)); ++steps) {
    ASSERT_LT(steps, 10);
    EXPECT_EQ(partitions(), 3) << "ticks first";
  }
  EXPECT_EQ(steps, 5) << "new ones, for the newest are old; then 28 ticks, ten at a time";
  EXPECT_EQ(partitions(), 2);
  EXPECT_FALSE(good(is_kept(connection_, too_old)));
  EXPECT_FALSE(good(is_kept(connection_, on_the_first_day)));
  EXPECT_TRUE(good(is_kept(connection_, kept)));
  auto earliest = good(earliest_position(connection_));
  EXPECT_EQ(read_on(connection_, earliest).size(), 26U) << "all that is kept";
}

TEST_F(TicksKept, of_what_is_dropped_after_idle_weeks_every_reader_is_told) {
  make_partition(40);
  run(connection_, "UPDATE tick SET made_at = " + noon(41));
  for (int i = 0; i < 5; ++i) say_at("old", noon(40));
  const auto in_the_middle = good(present_position(connection_));
  for (int i = 0; i < 5; ++i) say_at("old", noon(40));
  auto at_the_end = good(present_position(connection_));
  EXPECT_FALSE(good(maintain_partitions(connection_, {30, 365})));
  EXPECT_TRUE(good(is_kept(connection_, at_the_end))) << "he has time to go on";
  EXPECT_EQ(read_on(connection_, at_the_end).size(), 0U);
  while (!good(maintain_partitions(connection_, {30, 365}))) {
  }
  EXPECT_EQ(partitions(), 0);
  EXPECT_FALSE(good(is_kept(connection_, in_the_middle)));
  EXPECT_TRUE(good(is_kept(connection_, at_the_end)));
  auto earliest = good(earliest_position(connection_));
  EXPECT_TRUE(good(is_kept(connection_, earliest)));
  say_and_tick(connection_, "new");
  EXPECT_THAT(read_on(connection_, earliest), ElementsAre("new"));
  EXPECT_THAT(read_on(connection_, at_the_end), ElementsAre("new"));
}

TEST_F(TicksKept, where_nothing_happens_readers_go_on_long_before_their_ticks_go) {
  say_and_tick(connection_, "one", 40);
  EXPECT_TRUE(good(maintain_partitions(connection_, {30, 365}))) << "they are young";
  run(connection_, "UPDATE tick SET made_at = made_at - interval '20 days'");
  auto position = good(present_position(connection_));
  EXPECT_FALSE(good(maintain_partitions(connection_, {30, 365})));
  EXPECT_TRUE(good(maintain_partitions(connection_, {30, 365})));
  EXPECT_EQ(run(connection_, "SELECT count(*) FROM tick").int64(0, 0), 1 + 40 + 21);
  EXPECT_EQ(read_on(connection_, position).size(), 0U);
  run(connection_, "UPDATE tick SET made_at = made_at - interval '13 days' WHERE tick_id <= 41");
  EXPECT_FALSE(good(maintain_partitions(connection_, {30, 365})));
  EXPECT_EQ(run(connection_, "SELECT count(*) FROM tick").int64(0, 0), 21);
  EXPECT_TRUE(good(is_kept(connection_, position)));
  auto earliest = good(earliest_position(connection_));
  EXPECT_EQ(read_on(connection_, earliest).size(), 40U);
}

TEST_F(TicksKept, partitions_that_are_missing_are_made_without_dropping_any) {
  make_partition(50);
  run(connection_,
      "SELECT maintain_partitions('2000-01-01', '2000-01-01', '-infinity', '-infinity')");
  ASSERT_TRUE(make_partitions(connection_));
  EXPECT_EQ(partitions(), 2);
}

std::vector<std::string> topics_of(const std::vector<LoggedMessage>& rows) {
  std::vector<std::string> topics;
  for (const auto& row : rows) topics.push_back(row.topic);
  return topics;
}

/// A database of before, filled: two devices in turn, on three days, and refusals between.
std::string filled_before_ticks() {
  const auto conninfo = fakes::PostgresCluster::shared().create_database();
  const auto all = sql::migrations();
  const auto old = static_cast<std::size_t>(
      std::find_if(all.begin(), all.end(),
                   [](const auto& one) { return one.number == first_with_ticks; }) -
      all.begin());
  const auto migrated = app::migrate(conninfo, all.first(old), [](const std::string&) {});
  EXPECT_TRUE(migrated) << migrated.error();
  auto connection = connect(conninfo);
  run(connection,
      "SELECT maintain_partitions(current_date - 3, current_date + 1, '-infinity', '-infinity')");
  run(connection,
      "INSERT INTO message (received_at, product_id, node_eui, topic, raw) "
      "SELECT now() - interval '2 days' + i * interval '15 minutes', 'AA000001', 'dev' || i % 2, "
      "'old/' || i, '' FROM generate_series(1, 200) i ORDER BY i");
  run(connection,
      "INSERT INTO refusal (refused_at, what, broker, product_id, node_eui, client_id, username, "
      "address, requirement, reason) SELECT now() - interval '1 day', 'login', 'b', 'AA000001', "
      "'dev1', 'c', 'old/' || i, 'a', 'V2-4', 'r' FROM generate_series(1, 30) i ORDER BY i");
  run(connection,
      "INSERT INTO message (received_at, product_id, node_eui, topic, raw) "
      "SELECT now(), 'AA000001', 'dev' || i % 2, 'old/' || i, '' "
      "FROM generate_series(201, 220) i ORDER BY i");
  return conninfo;
}

TEST(TicksAfterMigration, what_a_filled_database_had_is_read_once_in_order_and_new_rows_after_it) {
  const auto conninfo = filled_before_ticks();
  const auto migrated = app::migrate(conninfo, [](const std::string&) {});
  ASSERT_TRUE(migrated) << migrated.error();
  auto connection = connect(conninfo);
  std::vector<std::string> expected;
  for (int i = 1; i <= 220; ++i) expected.push_back("old/" + std::to_string(i));

  const RecordFilter all;
  Backwards from{
      .seen = *good(present_position(connection)).seen, .before = std::nullopt, .limit = 7};
  std::vector<std::string> listed;
  for (bool more = true; more;) {
    const auto older = good(read_older<LoggedMessage>(connection, all, from));
    for (const auto& topic : topics_of(older.rows)) listed.push_back(topic);
    from.before = older.before;
    more = older.more;
  }
  std::reverse(listed.begin(), listed.end());
  EXPECT_EQ(listed, expected);

  auto after_the_list = good(present_position(connection));
  auto writer = connect(conninfo);
  run(writer,
      "INSERT INTO message (received_at, product_id, node_eui, topic, raw) SELECT now(), "
      "'AA000001', 'dev1', 'new/' || i, '' FROM generate_series(1, 3) i");
  good(make_tick(connection));
  const auto follow = [&](const RecordFilter& filter, int limit, Position position) {
    std::vector<std::string> topics;
    for (bool more = true; more;) {
      const auto page = good(read_newer<LoggedMessage>(connection, filter, position, limit));
      for (const auto& topic : topics_of(page.rows)) topics.push_back(topic);
      position = page.position;
      more = page.more;
    }
    return topics;
  };
  EXPECT_THAT(follow(all, 2, after_the_list), ElementsAre("new/1", "new/2", "new/3"));
  for (int i = 1; i <= 3; ++i) expected.push_back("new/" + std::to_string(i));
  EXPECT_EQ(follow(all, 7, good(earliest_position(connection))), expected);
  EXPECT_EQ(follow({"AA000001", "dev1"}, 7, good(earliest_position(connection))).size(), 113U);

  auto position = good(earliest_position(connection));
  std::vector<std::string> refused;
  for (bool more = true; more;) {
    const auto page = good(read_newer<LoggedRefusal>(connection, all, position, 7));
    for (const auto& row : page.rows) refused.push_back(row.refusal.username);
    position = page.position;
    more = page.more;
  }
  EXPECT_EQ(refused, std::vector(expected.begin(), expected.begin() + 30));
}

}  // namespace
}  // namespace xgate::store
