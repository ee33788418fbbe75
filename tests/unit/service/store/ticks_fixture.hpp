// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakes/postgres_cluster.hpp"
#include "service/app/migrate.hpp"
#include "service/store/message_log.hpp"

namespace xgate::store {

inline pg::Connection connect(const std::string& conninfo) {
  return pg::Connection::open(conninfo).value();
}
inline pg::Rows run(pg::Connection& connection, const std::string& sql) {
  auto rows = connection.exec(sql);
  if (!rows) throw std::runtime_error(rows.error().message + " in " + sql);
  return std::move(*rows);
}
template <class Value>
Value good(pg::Result<Value> result) {
  if (!result) throw std::runtime_error(result.error().message);
  return std::move(*result);
}

inline std::string new_database() {
  const auto conninfo = fakes::PostgresCluster::shared().create_database();
  const auto migrated = app::migrate(conninfo, [](const std::string&) {});
  EXPECT_TRUE(migrated) << migrated.error();
  return conninfo;
}

/// A database of its own, and one device that says this and that.
class TicksOfOne : public ::testing::Test {
 protected:
  static void say(pg::Connection& connection, const std::string& topic) {
    run(connection,
        "INSERT INTO message (received_at, product_id, node_eui, topic, raw) VALUES (now(), "
        "'AA000001', 'dev1', '" +
            topic + "', '')");
  }
  static void say_and_tick(pg::Connection& connection, const std::string& topic, int times = 1) {
    for (int i = 0; i < times; ++i) {
      say(connection, topic);
      good(make_tick(connection));
    }
  }
  /// One that writes nothing of the record takes an id, as most transactions do.
  void use_ids(int count) {
    run(connection_, "CREATE TABLE IF NOT EXISTS elsewhere (n int)");
    for (int i = 0; i < count; ++i) run(connection_, "INSERT INTO elsewhere VALUES (1)");
  }
  static std::vector<std::string> read_on(pg::Connection& connection, Position& position,
                                          const RecordFilter& filter = {"AA000001", "dev1"},
                                          int limit = 100) {
    std::vector<std::string> topics;
    for (bool more = true; more;) {
      auto page = good(read_newer<LoggedMessage>(connection, filter, position, limit));
      for (const auto& row : page.rows) topics.push_back(row.topic);
      // as one who comes back, who has the text only
      position = position_from(to_text(page.position)).value();
      more = page.more;
    }
    return topics;
  }

  const std::string conninfo_ = new_database();
  pg::Connection connection_ = connect(conninfo_);
};

}  // namespace xgate::store
