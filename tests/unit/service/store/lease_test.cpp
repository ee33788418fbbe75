// SPDX-License-Identifier: Apache-2.0
#include "service/store/lease.hpp"

#include <chrono>
#include <future>
#include <optional>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include "fakes/postgres_cluster.hpp"
#include "service/app/migrate.hpp"
#include "service/store/database.hpp"

namespace xgate::store {
namespace {

constexpr auto consumed = "b'1\\";
constexpr auto new_vendor = "INSERT INTO vendor (open_id, name) VALUES ('7ED01E2A', 'v')";

/// One that consumes the broker, and one that takes it over.
class Fence : public ::testing::Test {
 protected:
  Fence() : conninfo_(fakes::PostgresCluster::shared().create_database()) {
    const auto migrated = app::migrate(conninfo_, [](const std::string&) {});
    EXPECT_TRUE(migrated) << migrated.error();
    state_.schema_fits = true;
    taker_.emplace(pg::Connection::open(conninfo_).value());
  }

  std::int64_t raise(std::int64_t had = 0) { return raise_fence(*taker_, consumed, had).value(); }
  pg::Connection& consumer(std::int64_t number) { return **database_.get(number); }
  std::int64_t vendors() { return taker_->exec("SELECT count(*) FROM vendor").value().int64(0, 0); }
  /// Until somebody waits for the fence.
  void wait_for_waiting() {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    auto looker = pg::Connection::open(conninfo_).value();
    while (looker.exec("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
               .value()
               .size() == 0) {
      if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error("nobody waits");
    }
  }

  const std::string conninfo_;
  DatabaseState state_;
  Database database_{conninfo_, "consumer", 10'000, state_, consumed};
  std::optional<pg::Connection> taker_;
};

TEST_F(Fence, an_old_numbers_write_is_refused_and_leaves_nothing) {
  const std::int64_t old = raise();
  auto& connection = consumer(old);
  EXPECT_GT(raise(), old);
  const auto refused = pg::Transaction::begin(connection);
  ASSERT_FALSE(refused);
  EXPECT_TRUE(is_fenced_off(refused.error())) << refused.error().message;
  EXPECT_FALSE(refused.error().connection_gone);
  EXPECT_FALSE(connection.exec(new_vendor)) << "outside of a transaction";
  EXPECT_EQ(vendors(), 0);
}

TEST_F(Fence, the_number_that_stands_writes) {
  auto& connection = consumer(raise());
  auto transaction = pg::Transaction::begin(connection);
  ASSERT_TRUE(transaction) << transaction.error().message;
  ASSERT_TRUE(connection.exec(new_vendor));
  ASSERT_TRUE(transaction->commit());
  EXPECT_EQ(vendors(), 1);
}

TEST_F(Fence, nobody_writes_under_no_number) {
  EXPECT_TRUE(is_fenced_off(pg::Transaction::begin(consumer(0)).error()));
  raise();
  EXPECT_TRUE(is_fenced_off(pg::Transaction::begin(consumer(0)).error()));
}

TEST_F(Fence, who_comes_back_keeps_the_number_unless_another_had_the_broker) {
  const std::int64_t first = raise();
  EXPECT_EQ(raise(first), first);
  const std::int64_t another = raise();
  EXPECT_NE(another, first);
  EXPECT_GT(raise(first), another);
}

/// An older state of the database was restored: a number that was in use must not come again.
TEST_F(Fence, a_number_is_never_used_twice) {
  EXPECT_GT(raise(40), 40);
  ASSERT_TRUE(taker_->exec("DELETE FROM broker"));
  EXPECT_EQ(read_fence(*taker_, consumed).value(), 0);
  EXPECT_GT(raise(41), 41);
}

TEST_F(Fence, a_transaction_under_way_ends_before_the_broker_is_taken) {
  auto& connection = consumer(raise());
  auto transaction = pg::Transaction::begin(connection);
  ASSERT_TRUE(connection.exec(new_vendor));
  auto taken = std::async(std::launch::async, [this] { return raise(); });
  wait_for_waiting();
  ASSERT_TRUE(transaction->commit());
  taken.get();
  EXPECT_EQ(vendors(), 1);
}

TEST_F(Fence, who_takes_the_broker_does_not_wait_for_ever) {
  auto& connection = consumer(raise());
  auto transaction = pg::Transaction::begin(connection);
  ASSERT_TRUE(transaction);
  EXPECT_EQ(raise_fence(*taker_, consumed, 0).error().sqlstate, "55P03");
}

/// It saw the old number before it had to wait.
TEST_F(Fence, a_write_that_waits_for_the_taker_is_refused) {
  auto& connection = consumer(raise());
  std::future<pg::Result<pg::Transaction>> write;
  {
    auto taking = pg::Transaction::begin(*taker_);
    raise();
    write = std::async(std::launch::async, [&] { return pg::Transaction::begin(connection); });
    wait_for_waiting();
    ASSERT_TRUE(taking->commit());
  }
  const auto refused = write.get();
  ASSERT_FALSE(refused);
  EXPECT_TRUE(is_fenced_off(refused.error())) << refused.error().message;
}

TEST_F(Fence, brokers_do_not_wait_for_one_another) {
  auto& connection = consumer(raise());
  auto transaction = pg::Transaction::begin(connection);
  ASSERT_TRUE(transaction);
  EXPECT_TRUE(raise_fence(*taker_, "another", 0));
}

TEST_F(Fence, a_lease_is_its_connections) {
  EXPECT_TRUE(try_lease(*taker_, consumed).value());
  auto another = pg::Connection::open(conninfo_).value();
  EXPECT_FALSE(try_lease(another, consumed).value());
  EXPECT_TRUE(try_lease(another, "another").value());
}

}  // namespace
}  // namespace xgate::store
