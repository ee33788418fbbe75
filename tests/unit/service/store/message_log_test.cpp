// SPDX-License-Identifier: Apache-2.0
#include "service/store/message_log.hpp"

#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakes/postgres_cluster.hpp"
#include "service/app/migrate.hpp"

namespace xgate::store {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

template <class Value>
Value value_of(pg::Result<Value> result) {
  if (!result) throw std::runtime_error(result.error().message);
  return std::move(*result);
}

class MessageLog : public ::testing::Test {
 protected:
  pg::Rows run(const std::string& sql) { return value_of(connection_.exec(sql)); }

  /// So many uplinks of a product's devices, d0 to d9, acked with 200.
  void say(const std::string& product, int count) {
    run("INSERT INTO message (received_at, product_id, node_eui, topic, raw, code) "
        "SELECT now(), '" +
        product + "', 'dev' || i % 10, '/sys/7ED01E2A/" + product +
        "/dev' || i % 10 || '/uplink', '', '200' FROM generate_series(1, " + std::to_string(count) +
        ") i");
  }
  void say_one(const std::string& topic, const std::string& judged,
               const std::string& at = "now()") {
    run("INSERT INTO message (received_at, product_id, node_eui, topic, raw, code, requirement, "
        "warning) VALUES (" +
        at + ", 'AA000001', 'dev1', '/sys/7ED01E2A/AA000001/dev1/" + topic + "', '', " + judged +
        ")");
  }

  struct Listed {
    std::vector<std::string> topics;
    int pages = 0;
    int empty_pages = 0;
  };
  Listed list(const RecordFilter& filter, int limit) {
    Listed listed;
    const auto present = value_of(present_position(connection_));
    Backwards from{.seen = *present.seen, .before = std::nullopt, .limit = limit};
    for (bool more = true; more; ++listed.pages) {
      const auto older = value_of(read_older<LoggedMessage>(connection_, filter, from));
      for (const auto& row : older.rows) listed.topics.push_back(short_topic(row.topic));
      if (older.rows.empty()) ++listed.empty_pages;
      from.before = older.before;
      more = older.more;
    }
    return listed;
  }
  std::vector<std::string> follow(const RecordFilter& filter, Position& position, int limit) {
    std::vector<std::string> topics;
    for (bool more = true; more;) {
      auto page = value_of(read_newer<LoggedMessage>(connection_, filter, position, limit));
      for (const auto& row : page.rows) topics.push_back(short_topic(row.topic));
      position = page.position;
      more = page.more;
    }
    return topics;
  }
  static std::string short_topic(const std::string& topic) {
    return topic.substr(topic.rfind('/') + 1);
  }

  static std::string database() {
    const auto conninfo = fakes::PostgresCluster::shared().create_database();
    const auto migrated = app::migrate(conninfo, [](const std::string&) {});
    EXPECT_TRUE(migrated) << migrated.error();
    return conninfo;
  }
  pg::Connection connection_ = pg::Connection::open(database()).value();
  const RecordFilter product_{.product_id = "AA000001"};
  const RecordFilter device_{.product_id = "AA000001", .node_eui = "dev1"};
};

constexpr auto good_one = "'200', NULL, false";
constexpr auto warned_one = "'200', NULL, true";
constexpr auto refused_one = "'4001', 'FRAME-5', false";
constexpr auto auth_refused = "'2', 'AUTH-6', false";
constexpr auto unanswered = "NULL, NULL, false";

TEST_F(MessageLog, each_filter_takes_its_own_of_a_device_a_product_and_all) {
  say("AA000001", 30);
  say_one("a", good_one);
  say_one("b", warned_one);
  say_one("c", refused_one);
  say("AA000002", 30);
  say_one("d", auth_refused);
  say_one("e", unanswered);
  const std::string others = "/(a|b|c|d|e)$";
  for (RecordFilter filter : {RecordFilter{}, product_, device_}) {
    filter.topic = others;
    EXPECT_THAT(list(filter, 2).topics, ElementsAre("e", "d", "c", "b", "a"));
    filter.judged = Judged::accepted;
    EXPECT_THAT(list(filter, 2).topics, ElementsAre("e", "b", "a"));
    filter.judged = Judged::warned;
    EXPECT_THAT(list(filter, 2).topics, ElementsAre("b"));
    filter.judged = Judged::refused;
    EXPECT_THAT(list(filter, 2).topics, ElementsAre("d", "c"));
    filter.code = "4001";
    EXPECT_THAT(list(filter, 2).topics, ElementsAre("c"));
    filter.code.reset();
    filter.requirement = "AUTH-6";
    EXPECT_THAT(list(filter, 2).topics, ElementsAre("d"));
  }
}

TEST_F(MessageLog, a_rare_row_is_found_page_by_page_of_which_each_looks_at_bounded_many) {
  say_one("rare", refused_one);
  say("AA000001", 20'000);
  say("AA000002", 20'000);
  for (RecordFilter filter : {RecordFilter{}, product_, device_}) {
    filter.judged = Judged::refused;
    const auto listed = list(filter, 1);
    EXPECT_THAT(listed.topics, ElementsAre("rare"));
    EXPECT_LT(listed.pages, 10);
  }
  // 1 + 4 + 16 + … sequences, in ten looks
  RecordFilter nobody{.product_id = "AA000003"};
  run("SELECT setval('message_sequence', 2000000)");
  const auto listed = list(nobody, 1);
  EXPECT_THAT(listed.topics, IsEmpty());
  EXPECT_GT(listed.empty_pages, 3);
}

TEST_F(MessageLog, followers_see_what_their_filter_takes_once) {
  Position all = value_of(earliest_position(connection_));
  Position one = all;
  RecordFilter refused = device_;
  refused.judged = Judged::refused;
  for (int round = 0; round < 3; ++round) {
    say("AA000001", 3000);
    say_one("bad" + std::to_string(round), refused_one);
    ASSERT_TRUE(value_of(make_tick(connection_)));
    const auto expected = ElementsAre("bad" + std::to_string(round));
    EXPECT_THAT(follow(RecordFilter{.judged = Judged::refused}, all, 2), expected);
    EXPECT_THAT(follow(refused, one, 2), expected);
  }
}

TEST_F(MessageLog, a_time_is_looked_for_where_the_ticks_say_it_lies) {
  for (int hour = 5; hour > 0; --hour) {
    const auto then = "now() - interval '" + std::to_string(hour) + " hours'";
    say_one("h" + std::to_string(hour), good_one, then);
    ASSERT_TRUE(value_of(make_tick(connection_)));
    run("UPDATE tick SET made_at = " + then + " WHERE tick_id = (SELECT max(tick_id) FROM tick)");
  }
  run("UPDATE tick SET made_at = now() - interval '9 hours' WHERE tick_id = 1");
  say_one("now", good_one);
  const auto bounds =
      run("SELECT floor, ceiling FROM sequences_of_time(now() - interval '3.5 hours', "
          "now() - interval '1.5 hours')");
  EXPECT_EQ(bounds.int64(0, 0), 2);  // of five hours and four hours ago: two rows
  EXPECT_TRUE(bounds.is_null(0, 1)) << "no tick is ten minutes younger than the next one";
  EXPECT_EQ(
      run("SELECT ceiling FROM sequences_of_time(NULL, now() - interval '3.5 hours')").int64(0, 0),
      4);

  const auto now_ms = run("SELECT (extract(epoch FROM now()) * 1000)::bigint").int64(0, 0);
  constexpr std::int64_t hour_ms = 3'600'000;
  for (RecordFilter filter : {RecordFilter{}, product_, device_}) {
    filter.since_ms = now_ms - 7 * hour_ms / 2;
    EXPECT_THAT(list(filter, 2).topics, ElementsAre("now", "h1", "h2", "h3"));
    filter.until_ms = now_ms - 3 * hour_ms / 2;
    EXPECT_THAT(list(filter, 2).topics, ElementsAre("h2", "h3"));
    filter.since_ms.reset();
    EXPECT_THAT(list(filter, 2).topics, ElementsAre("h2", "h3", "h4", "h5"));
  }
}

TEST_F(MessageLog, what_was_ever_said_is_known_though_its_product_is_gone) {
  say_one("a", good_one);
  EXPECT_TRUE(value_of(has_messages(connection_, {.product_id = "AA000001"})));
  EXPECT_TRUE(value_of(has_messages(connection_, {.product_id = "AA000001", .node_eui = "dev1"})));
  EXPECT_FALSE(value_of(has_messages(connection_, {.product_id = "AA000001", .node_eui = "dev2"})));
  EXPECT_FALSE(value_of(has_messages(connection_, {.product_id = "AA000002"})));
}

}  // namespace
}  // namespace xgate::store
