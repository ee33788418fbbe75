// SPDX-License-Identifier: Apache-2.0
// Databases that are another's continuation: dumps restored, standbys that took over, copies.
#include <cstdlib>

#include "service/store/database.hpp"
#include "unit/service/store/ticks_fixture.hpp"

namespace xgate::store {
namespace {

using ::testing::ElementsAre;

/// A dump of `database` in another cluster, where transaction ids are others.
std::string restored(const std::string& conninfo, fakes::PostgresCluster& other,
                     const std::string& options = "") {
  const auto target = other.create_database();
  const auto command = "pg_dump " + options + " '" + conninfo +
                       "' | psql -q -v ON_ERROR_STOP=1 -o /dev/null '" + target + "'";
  if (std::system(command.c_str()) != 0) throw std::runtime_error("not restored");
  return target;
}

std::int64_t xact_id(pg::Connection& connection) {
  return run(connection, "SELECT pg_current_xact_id()::text::bigint").int64(0, 0);
}

class TicksOfEras : public TicksOfOne {
 protected:
  /// As if the service had written on another server until now.
  void take_over() { run(connection_, "UPDATE era SET origin = 'the former server'"); }
};

TEST_F(TicksOfEras, a_dump_restored_elsewhere_goes_on_where_its_readers_were) {
  use_ids(2000);  // they run ahead
  auto position = good(earliest_position(connection_));
  say_and_tick(connection_, "one");
  say_and_tick(connection_, "two");
  EXPECT_THAT(read_on(connection_, position), ElementsAre("one", "two"));
  say(connection_, "dumped before its tick");
  fakes::PostgresCluster cluster;
  auto other = connect(restored(conninfo_, cluster));
  ASSERT_LT(xact_id(other), xact_id(connection_));
  const auto lost = good(present_position(connection_));
  say_and_tick(connection_, "lost");
  const auto beyond = good(present_position(connection_));
  EXPECT_TRUE(good(enter_era(other)));
  EXPECT_FALSE(good(enter_era(other)));
  say(other, "new");
  EXPECT_TRUE(good(make_tick(other)));
  EXPECT_THAT(read_on(other, position), ElementsAre("dumped before its tick", "new"));
  auto listed = lost;
  EXPECT_THAT(read_on(other, listed), ElementsAre("new")) << "taken between two ticks before";
  say_and_tick(other, "more", 5);
  EXPECT_FALSE(good(is_kept(other, beyond))) << "of a state that was lost";
  auto all = good(earliest_position(other));
  EXPECT_EQ(read_on(other, all, {}).size(), 9U);
}

TEST_F(TicksOfEras, what_was_seen_of_the_lost_state_hides_nothing_of_the_new_one) {
  auto open = connect(conninfo_);
  run(open, "BEGIN");
  say(open, "committed after the list");
  use_ids(50);
  const auto listed = good(present_position(connection_));
  run(open, "COMMIT");
  fakes::PostgresCluster cluster;
  auto other = connect(restored(conninfo_, cluster));
  good(enter_era(other));
  say_and_tick(other, "new");
  for (const int limit : {1, 100}) {
    auto position = listed;
    EXPECT_THAT(read_on(other, position, {"AA000001", "dev1"}, limit),
                ElementsAre("committed after the list", "new"))
        << limit;
  }
}

TEST_F(TicksOfEras, a_young_clusters_dump_in_a_busy_one_has_positions_that_can_be_used) {
  fakes::PostgresCluster young;
  const auto source = young.create_database();
  ASSERT_TRUE(app::migrate(source, [](const std::string&) {}));
  auto before = connect(source);
  say_and_tick(before, "one");
  use_ids(3000);
  ASSERT_LT(xact_id(before), xact_id(connection_));
  auto open = connect(conninfo_);  // of another database of the cluster
  run(open, "BEGIN");
  run(open, "INSERT INTO elsewhere VALUES (1)");
  use_ids(3000);
  auto after = connect(restored(source, fakes::PostgresCluster::shared()));
  EXPECT_TRUE(good(enter_era(after)));
  const auto present = good(present_position(after));
  EXPECT_GE(present.seen->oldest, 0);
  EXPECT_FALSE(present.seen->running.empty());
  EXPECT_EQ(position_from(to_text(present)), present);
  auto position = present;
  say(after, "two");
  EXPECT_TRUE(good(make_tick(after)));
  EXPECT_THAT(read_on(after, position), ElementsAre("two"));
}

TEST_F(TicksOfEras, who_had_his_id_before_the_era_and_writes_in_it_is_seen) {
  use_ids(1);
  auto position = good(earliest_position(connection_));
  auto writer = connect(conninfo_);
  run(writer, "BEGIN");
  run(writer, "INSERT INTO elsewhere VALUES (1)");  // presence, say
  take_over();
  EXPECT_TRUE(good(enter_era(connection_)));
  say(writer, "one");
  say_and_tick(connection_, "two");
  run(writer, "COMMIT");
  good(make_tick(connection_));
  EXPECT_THAT(read_on(connection_, position), ElementsAre("two", "one"));
}

TEST_F(TicksOfEras, no_tick_is_made_before_the_era_is_entered) {
  say_and_tick(connection_, "one");
  take_over();
  say(connection_, "two");
  EXPECT_FALSE(good(make_tick(connection_)));
  EXPECT_TRUE(good(enter_era(connection_)));
  auto position = good(earliest_position(connection_));
  EXPECT_THAT(read_on(connection_, position), ElementsAre("one", "two"));
  say_and_tick(connection_, "three");
  EXPECT_THAT(read_on(connection_, position), ElementsAre("three"));
}

TEST_F(TicksOfEras, every_connection_of_the_service_enters_the_era_first) {
  take_over();
  DatabaseState state;
  state.schema_fits = true;
  Database database(conninfo_, "test", 5000, state);
  ASSERT_TRUE(database.get());
  EXPECT_EQ(run(connection_, "SELECT count(*) FROM era").int64(0, 0), 2);
  EXPECT_FALSE(good(enter_era(connection_)));
}

TEST_F(TicksOfEras, a_server_that_was_started_again_is_an_era) {
  fakes::PostgresCluster cluster;
  const auto conninfo = cluster.create_database();
  ASSERT_TRUE(app::migrate(conninfo, [](const std::string&) {}));
  auto before = connect(conninfo);
  auto position = good(earliest_position(before));
  say_and_tick(before, "one");
  cluster.stop();
  cluster.start();
  auto after = connect(conninfo);
  EXPECT_TRUE(good(enter_era(after)));
  say_and_tick(after, "two");
  EXPECT_THAT(read_on(after, position), ElementsAre("one", "two"));
}

TEST_F(TicksOfEras, of_two_copies_neither_takes_the_others_positions_for_its_own) {
  say_and_tick(connection_, "one", 3);
  const auto common = good(present_position(connection_));
  // A copied folder has the same cluster, timeline and numbers of all.
  auto other = connect(restored(conninfo_, fakes::PostgresCluster::shared()));
  run(other, "UPDATE era SET origin = database_origin()");
  say_and_tick(connection_, "here", 5);
  const auto here = good(present_position(connection_));
  say_and_tick(other, "there", 8);
  EXPECT_FALSE(good(is_kept(other, here)));
  EXPECT_TRUE(good(is_kept(other, common)));
  auto position = common;
  EXPECT_EQ(read_on(other, position).size(), 8U);
}

TEST_F(TicksOfEras, a_dump_without_the_history_goes_on_with_its_sequences) {
  auto position = good(earliest_position(connection_));
  say_and_tick(connection_, "one", 5);
  EXPECT_EQ(read_on(connection_, position).size(), 5U);
  for (const std::string options :
       {"--exclude-table-data='message_2*' --exclude-table-data='refusal_2*'",
        "--exclude-table-data='message_*' --exclude-table-data='refusal_*'"}) {
    fakes::PostgresCluster cluster;
    auto other = connect(restored(conninfo_, cluster, options));
    good(enter_era(other));
    EXPECT_EQ(run(other, "SELECT last_sequence()").int64(0, 0), 5) << options;
    say_and_tick(other, "two", 2);
    auto there = position;
    EXPECT_THAT(read_on(other, there), ElementsAre("two", "two")) << options;
    auto earliest = good(earliest_position(other));
    EXPECT_THAT(read_on(other, earliest), ElementsAre("two", "two")) << options;
  }
}

}  // namespace
}  // namespace xgate::store
