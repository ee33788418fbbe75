// SPDX-License-Identifier: Apache-2.0
// What a page costs, by PostgreSQL's own count of the rows that a session looks at: as much from a
// position weeks old as from a recent one, and no more in a larger record.
#include <array>
#include <functional>
#include <map>

#include "unit/service/store/ticks_fixture.hpp"

namespace xgate::store {
namespace {

constexpr int limit = 20;
/// Of the record: 200,000 messages and 4,000 ticks.
constexpr std::array days_ago{20, 14, 7, 1};
constexpr std::int64_t ticks_of_day = 1000;
constexpr std::int64_t messages_of_tick = 50;
constexpr std::int64_t pages_of_range = 32;

constexpr auto fill_day_sql = R"(
CREATE PROCEDURE fill_day(day timestamptz, ticks integer, messages integer) LANGUAGE plpgsql AS $$
BEGIN
  FOR n IN 1..ticks LOOP
    INSERT INTO message (received_at, product_id, node_eui, topic, raw)
    SELECT day + n * interval '1 minute', 'AA00000' || 1 + i % 2, 'dev' || i, 't', convert_to(repeat('x', 200), 'UTF8')
    FROM generate_series(1, messages) i;
    INSERT INTO refusal (refused_at, what, broker, product_id, node_eui, client_id, username, address, requirement, reason)
    SELECT day + n * interval '1 minute', 'login', 'b', 'AA000001', 'dev2', 'c', 'u', 'a', 'V2-4', 'r'
    FROM generate_series(1, 10) i;
    COMMIT;
    PERFORM make_tick();
    COMMIT;
  END LOOP;
END $$)";

/// Rows of the record, in its partitions or by their B-trees, and pages of these and all indexes;
/// ticks. (A BRIN index counts ten rows a page, and what is behind it is counted.)
constexpr auto looked_at_sql = R"(
SELECT coalesce(sum(tuples) FILTER (WHERE relname ~ '^(message|refusal)'), 0),
       coalesce(sum(pages) FILTER (WHERE relname ~ '^(message|refusal)'), 0),
       coalesce(sum(tuples) FILTER (WHERE relname ~ '^tick'), 0)
FROM (SELECT relname, pg_stat_get_xact_blocks_fetched(c.oid) AS pages,
             CASE WHEN relkind = 'r' THEN pg_stat_get_xact_tuples_returned(c.oid) + pg_stat_get_xact_tuples_fetched(c.oid)
                  WHEN amname = 'btree' THEN pg_stat_get_xact_tuples_returned(c.oid) ELSE 0 END AS tuples
      FROM pg_class c LEFT JOIN pg_am a ON a.oid = relam WHERE relkind IN ('r', 'i')) counted)";

struct LookedAt {
  std::int64_t rows = 0;
  std::int64_t pages = 0;
  std::int64_t ticks = 0;
};
struct Query {
  std::string of;
  std::function<std::size_t(pg::Connection&, const Position&)> read;  ///< how many came
  std::size_t expected;
  LookedAt most;
};

Query messages_of(const std::string& of, const RecordFilter& filter, std::size_t expected,
                  std::int64_t most_rows) {
  return {of,
          [filter](pg::Connection& connection, const Position& position) {
            return good(read_newer<LoggedMessage>(connection, filter, position, limit)).rows.size();
          },
          expected,
          {most_rows, 600, 500}};
}

class TicksCost : public TicksOfOne {
 protected:
  TicksCost() { run(connection_, fill_day_sql); }

  /// One transaction writes first and commits last.
  void fill_day(int days_ago) {
    const auto day = "(current_date - " + std::to_string(days_ago) + ")";
    run(connection_,
        "SELECT maintain_partitions(" + day + ", " + day + ", '-infinity', '-infinity')");
    auto straggler = connect(conninfo_);
    run(straggler, "BEGIN");
    say(straggler, "late");
    run(connection_, "CALL fill_day(" + day + "::timestamp AT TIME ZONE 'UTC', " +
                         std::to_string(ticks_of_day) + ", " + std::to_string(messages_of_tick) +
                         ")");
    run(straggler, "COMMIT");
    good(make_tick(connection_));
  }
  /// As autovacuum does.
  void vacuum() { run(connection_, "VACUUM (ANALYZE) message, refusal, tick, straggler"); }
  /// At the end of a tick's batch.
  Position behind(std::int64_t ticks_ago) {
    const auto rows = run(connection_,
                          "SELECT tick_id, ceiling FROM tick WHERE tick_id = (SELECT max(tick_id) "
                          "FROM tick) - " +
                              std::to_string(ticks_ago));
    return {0, rows.int64(0, 0), rows.int64(0, 1), std::nullopt};
  }

  LookedAt looked_at() {
    const auto rows = run(connection_, looked_at_sql);
    return {rows.int64(0, 0), rows.int64(0, 1), rows.int64(0, 2)};
  }
  LookedAt page(const Query& query, const Position& position) {
    run(connection_, "BEGIN");
    const auto before = looked_at();
    EXPECT_EQ(query.read(connection_, position), query.expected) << query.of;
    const auto after = looked_at();
    run(connection_, "COMMIT");
    return {after.rows - before.rows, after.pages - before.pages, after.ticks - before.ticks};
  }
};

TEST_F(TicksCost, is_the_pages_whatever_the_positions_age_and_the_size_of_the_record) {
  // What no B-tree orders is looked for in ranges of 32 pages, of some 900 messages each.
  const std::vector<Query> queries{
      messages_of("all", {}, limit, 5'000),
      messages_of("a product", {"AA000002", std::nullopt}, limit, 5'000),
      messages_of("a device", {"AA000001", "dev2"}, limit, 500),
      messages_of("a device that says nothing", {"AA000001", "quiet"}, 0, 500),
      {"refusals",
       [](pg::Connection& connection, const Position& position) {
         return good(read_newer<LoggedRefusal>(connection, {}, position, limit)).rows.size();
       },
       limit,
       {500, 600, 500}}};
  const auto earliest = good(earliest_position(connection_));
  fill_day(days_ago[0]);
  const auto weeks_old = behind(ticks_of_day / 2);
  fill_day(days_ago[1]);
  vacuum();
  std::map<std::string, LookedAt> in_half;
  for (const auto& query : queries) in_half[query.of] = page(query, weeks_old);
  fill_day(days_ago[2]);
  fill_day(days_ago[3]);
  vacuum();
  // A range costs two pages of the index, even where it holds nothing that is looked for.
  const auto ranges = run(connection_,
                          "SELECT sum(relpages) FROM pg_class WHERE relkind = 'r' AND relname ~ "
                          "'^message'")
                          .int64(0, 0) /
                      pages_of_range;
  ASSERT_GE(run(connection_, "SELECT count(*) FROM message").int64(0, 0), 200'000);
  ASSERT_GE(run(connection_, "SELECT count(*) FROM tick").int64(0, 0), 4'000);

  for (const auto& query : queries) {
    for (const auto& [when, position] :
         {std::pair{"earliest", earliest}, {"weeks old", weeks_old}, {"recent", behind(150)}}) {
      const auto found = page(query, position);
      EXPECT_LE(found.rows, query.most.rows) << query.of << ", " << when;
      EXPECT_LE(found.ticks, query.most.ticks) << query.of << ", " << when;
      EXPECT_LE(found.pages, query.most.pages + 2 * ranges) << query.of << ", " << when;
    }
    const auto in_all = page(query, weeks_old);
    EXPECT_LE(in_all.rows, in_half[query.of].rows * 3 / 2 + 100) << query.of;
    EXPECT_LE(in_all.ticks, in_half[query.of].ticks * 3 / 2 + 100) << query.of;
  }
}

}  // namespace
}  // namespace xgate::store
