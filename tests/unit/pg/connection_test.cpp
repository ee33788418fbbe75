// SPDX-License-Identifier: Apache-2.0
#include "pg/connection.hpp"

#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fakes/postgres_cluster.hpp"

namespace xgate::pg {
namespace {

fakes::PostgresCluster& cluster() { return fakes::PostgresCluster::shared(); }

Connection open(const Options& options = {}) {
  auto connection = Connection::open(cluster().conninfo(), options);
  if (!connection) throw std::runtime_error(connection.error().message);
  return std::move(*connection);
}

TEST(Connection, prepares_a_statement_once) {
  auto connection = open();
  for (int i = 0; i < 3; ++i) {
    auto rows = connection.exec("SELECT $1::int + 1", {std::to_string(i)});
    ASSERT_TRUE(rows) << rows.error().message;
    EXPECT_EQ(rows->int64(0, 0), i + 1);
  }
  auto prepared = connection.exec("SELECT count(*) FROM pg_prepared_statements");
  ASSERT_TRUE(prepared);
  EXPECT_EQ(prepared->int64(0, 0), 2);  // the two texts of this test
}

TEST(Connection, reads_every_kind_of_value) {
  auto connection = open();
  auto rows = connection.exec("SELECT true, NULL::text, -5::bigint, '\\x00ff'::bytea, 'é'");
  ASSERT_TRUE(rows);
  EXPECT_TRUE(rows->boolean(0, 0));
  EXPECT_TRUE(rows->is_null(0, 1));
  EXPECT_EQ(rows->int64(0, 2), -5);
  EXPECT_EQ(rows->bytea(0, 3), std::string("\0\xff", 2));
  EXPECT_EQ(rows->text(0, 4), "é");
}

TEST(Connection, an_error_is_one_line_without_values) {
  auto connection = open();
  auto rows = connection.exec("SELECT $1::text::int", {"my secret"});
  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().sqlstate, "22P02");
  EXPECT_EQ(rows.error().message, "invalid input syntax for type integer");
  EXPECT_FALSE(rows.error().connection_gone);
  EXPECT_FALSE(rows.error().is_transient());
  EXPECT_TRUE(connection.exec("SELECT 1"));
}

TEST(Connection, names_the_constraint_that_was_violated) {
  auto connection = open();
  ASSERT_TRUE(connection.exec_script(
      "CREATE TEMP TABLE t (a int CONSTRAINT a_is_unique UNIQUE); INSERT INTO t VALUES (1)"));
  auto rows = connection.exec("INSERT INTO t VALUES ($1)", {"1"});
  ASSERT_FALSE(rows);
  EXPECT_TRUE(rows.error().is_unique_violation());
  EXPECT_EQ(rows.error().constraint, "a_is_unique");
  EXPECT_EQ(rows.error().message.find('('), std::string::npos);
}

TEST(Connection, counts_the_rows_touched) {
  auto connection = open();
  ASSERT_TRUE(connection.exec_script("CREATE TEMP TABLE t (a int)"));
  auto rows = connection.exec("INSERT INTO t SELECT generate_series(1, 7)");
  ASSERT_TRUE(rows);
  EXPECT_EQ(rows->affected(), 7);
}

TEST(Connection, refuses_a_nul_byte_in_a_parameter) {
  auto connection = open();
  auto rows = connection.exec("SELECT $1::text", {std::string("a\0b", 3)});
  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().sqlstate, "22021");
}

TEST(Connection, prepares_again_after_a_migration_changed_the_columns) {
  auto connection = open();
  ASSERT_TRUE(connection.exec_script("CREATE TEMP TABLE t (a int); INSERT INTO t VALUES (1)"));
  ASSERT_TRUE(connection.exec("SELECT * FROM t"));
  ASSERT_TRUE(connection.exec_script("ALTER TABLE t ADD b int DEFAULT 2"));
  auto rows = connection.exec("SELECT * FROM t");
  ASSERT_TRUE(rows) << rows.error().message;
  EXPECT_EQ(rows->int64(0, 1), 2);
}

TEST(Connection, an_unreachable_server_is_an_error_and_not_a_wait) {
  auto connection = Connection::open("host=/nonexistent dbname=x");
  ASSERT_FALSE(connection);
  EXPECT_TRUE(connection.error().connection_gone);
  EXPECT_EQ(connection.error().message.find('\n'), std::string::npos);
}

TEST(Connection, knows_when_the_server_ended_the_session) {
  auto connection = open();
  auto killed = connection.exec("SELECT pg_terminate_backend(pg_backend_pid())");
  ASSERT_FALSE(killed);
  EXPECT_TRUE(killed.error().connection_gone);
  EXPECT_TRUE(killed.error().is_transient());
  EXPECT_TRUE(connection.is_gone());
  auto after = connection.exec("SELECT 1");
  ASSERT_FALSE(after);
  EXPECT_TRUE(after.error().connection_gone);
}

TEST(Connection, gives_up_a_server_that_does_not_answer) {
  Options options;
  options.answer_timeout_ms = 50;
  auto connection = open(options);
  auto rows = connection.exec("SELECT pg_sleep(3600)");
  ASSERT_FALSE(rows);
  EXPECT_TRUE(rows.error().connection_gone);
}

TEST(Connection, the_server_ends_a_statement_that_takes_too_long) {
  Options options;
  options.statement_timeout_ms = 50;
  auto connection = open(options);
  auto rows = connection.exec("SELECT pg_sleep(3600)");
  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().sqlstate, "57014");
  EXPECT_TRUE(rows.error().is_transient());
  EXPECT_TRUE(connection.exec("SELECT 1"));
}

TEST(Connection, cancel_ends_a_statement_from_another_thread) {
  auto connection = open();
  std::thread other([&] { connection.cancel(); });  // before or during the statement: both end it
  auto rows = connection.exec("SELECT pg_sleep(3600)");
  other.join();
  ASSERT_FALSE(rows);
  EXPECT_TRUE(rows.error().connection_gone);
}

TEST(Connection, copies_out_and_in) {
  auto connection = open();
  ASSERT_TRUE(connection.exec_script("CREATE TEMP TABLE t (a int, b text)"));
  int row = 0;
  auto in = connection.copy_in("COPY t FROM STDIN", [&](std::string& buffer) {
    for (int i = 0; i < 1000; ++i, ++row) buffer += std::to_string(row) + "\tx\n";
    return row < 200000;
  });
  ASSERT_TRUE(in) << in.error().message;
  std::int64_t lines = 0;
  std::string first;
  auto out = connection.copy_out("COPY (SELECT * FROM t ORDER BY a) TO STDOUT",
                                 [&](std::string_view line) {
                                   if (lines++ == 0) first = line;
                                 });
  ASSERT_TRUE(out) << out.error().message;
  EXPECT_EQ(lines, 200000);
  EXPECT_EQ(first, "0\tx");
  EXPECT_TRUE(connection.exec("SELECT 1"));
}

TEST(Connection, a_bad_copy_is_an_error_and_the_connection_lives) {
  auto connection = open();
  ASSERT_TRUE(connection.exec_script("CREATE TEMP TABLE t (a int)"));
  auto in = connection.copy_in("COPY t FROM STDIN", [&](std::string& buffer) {
    buffer = "1\nsecret\n";
    return false;
  });
  ASSERT_FALSE(in);
  EXPECT_EQ(in.error().message, "invalid input syntax for type integer");
  auto out = connection.copy_out("COPY nothing TO STDOUT", [](std::string_view) {});
  ASSERT_FALSE(out);
  EXPECT_EQ(out.error().sqlstate, "42P01");
  EXPECT_TRUE(connection.exec("SELECT 1"));
}

TEST(Connection, hears_notifications) {
  auto listener = open();
  ASSERT_TRUE(listener.exec_script("LISTEN xgate_test"));
  auto none = listener.wait_notifications(0);
  ASSERT_TRUE(none);
  EXPECT_TRUE(none->empty());
  auto speaker = open();
  ASSERT_TRUE(speaker.exec("SELECT pg_notify('xgate_test', 'hello')"));
  std::vector<Connection::Notification> heard;
  while (heard.empty()) {
    auto arrived = listener.wait_notifications(-1);
    ASSERT_TRUE(arrived);
    heard = std::move(*arrived);
  }
  EXPECT_EQ(heard[0].channel, "xgate_test");
  EXPECT_EQ(heard[0].payload, "hello");
}

TEST(Connection, a_wait_ends_when_the_wake_descriptor_is_readable) {
  auto connection = open();
  const int wake = ::eventfd(1, EFD_CLOEXEC);
  auto arrived = connection.wait_notifications(-1, wake);
  ::close(wake);
  ASSERT_TRUE(arrived);
  EXPECT_TRUE(arrived->empty());
  EXPECT_FALSE(connection.is_gone());
}

TEST(Connection, a_wait_notices_that_the_server_is_gone) {
  auto connection = open();
  auto pid = connection.exec("SELECT pg_backend_pid()");
  ASSERT_TRUE(pid);
  auto other = open();
  ASSERT_TRUE(other.exec("SELECT pg_terminate_backend($1::int)", {std::string(pid->text(0, 0))}));
  for (;;) {
    auto arrived = connection.wait_notifications(-1);
    if (arrived) continue;
    EXPECT_TRUE(arrived.error().connection_gone);
    break;
  }
}

int free_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* any = reinterpret_cast<sockaddr*>(&address);
  if (::bind(fd, any, size) != 0 || ::getsockname(fd, any, &size) != 0) {
    throw std::runtime_error("no port is free");
  }
  ::close(fd);
  return ntohs(address.sin_port);
}

TEST(Connection, the_server_is_told_to_notice_a_client_that_died) {
  const fakes::PostgresCluster listening(free_port());
  auto connection = Connection::open(listening.tcp_conninfo());
  ASSERT_TRUE(connection) << connection.error().message;
  const std::vector<std::pair<std::string, std::string>> wanted{
      {"tcp_keepalives_idle", "10"},
      {"tcp_keepalives_interval", "5"},
      {"tcp_keepalives_count", "3"},
      {"tcp_user_timeout", "20000"},
      {"client_connection_check_interval", "2s"}};
  for (const auto& [name, value] : wanted) {
    auto shown = connection->exec("SHOW " + name);
    ASSERT_TRUE(shown) << shown.error().message;
    EXPECT_EQ(shown->text(0, 0), value) << name;
  }
}

TEST(Connection, a_transaction_that_is_left_alone_is_ended_by_the_server) {
  auto connection = open({.idle_transaction_timeout_ms = 1});
  auto transaction = Transaction::begin(connection);
  ASSERT_TRUE(transaction);
  while (connection.wait_notifications(-1)) {
  }
  EXPECT_TRUE(connection.is_gone());
}

TEST(Transaction, begins_with_its_guard_or_not_at_all) {
  auto connection = open({.guarded = true});
  EXPECT_EQ(Transaction::begin(connection).error().sqlstate, "25006");
  connection.guard("SELECT 1/0");
  EXPECT_EQ(Transaction::begin(connection).error().sqlstate, "22012");
  connection.guard("SELECT 1");
  auto transaction = Transaction::begin(connection);
  ASSERT_TRUE(transaction) << "the one that failed is still open";
  ASSERT_TRUE(connection.exec_script("CREATE TEMP TABLE t (a int)"));
  ASSERT_TRUE(transaction->commit());
}

TEST(Transaction, is_all_that_writes_on_a_guarded_connection) {
  auto connection = open({.guarded = true});
  connection.guard("SELECT 1");
  {
    auto transaction = Transaction::begin(connection);
    ASSERT_TRUE(connection.exec_script("CREATE TABLE guarded (a int)"));
    ASSERT_TRUE(transaction->commit());
  }
  ASSERT_TRUE(connection.exec("SELECT a FROM guarded"));
  EXPECT_EQ(connection.exec("INSERT INTO guarded VALUES (1)").error().sqlstate, "25006");
}

TEST(Transaction, rolls_back_unless_committed) {
  auto connection = open();
  ASSERT_TRUE(connection.exec_script("CREATE TEMP TABLE t (a int)"));
  {
    auto transaction = Transaction::begin(connection);
    ASSERT_TRUE(transaction);
    ASSERT_TRUE(connection.exec("INSERT INTO t VALUES (1)"));
  }
  {
    auto transaction = Transaction::begin(connection);
    ASSERT_TRUE(connection.exec("INSERT INTO t VALUES (2)"));
    ASSERT_TRUE(transaction->commit());
  }
  auto rows = connection.exec("SELECT a FROM t");
  ASSERT_TRUE(rows);
  ASSERT_EQ(rows->size(), 1);
  EXPECT_EQ(rows->int64(0, 0), 2);
}

TEST(Transaction, within_another_is_undone_by_itself_and_stands_with_it) {
  auto connection = open();
  ASSERT_TRUE(connection.exec_script("CREATE TEMP TABLE t (a int)"));
  const auto insert = [&](const char* value) {
    return connection.exec("INSERT INTO t VALUES ($1::int)", {value}).has_value();
  };
  for (const bool commits : {false, true}) {
    auto outer = Transaction::begin(connection);
    ASSERT_TRUE(outer && insert("1"));
    {
      auto inner = Transaction::begin(connection);
      ASSERT_TRUE(inner && insert("2"));
      auto innermost = Transaction::begin(connection);
      ASSERT_TRUE(innermost && insert("3"));
      ASSERT_TRUE(innermost->commit());
      ASSERT_TRUE(inner->commit());
    }
    {
      auto inner = Transaction::begin(connection);
      ASSERT_TRUE(inner && insert("4"));
      ASSERT_FALSE(connection.exec("SELECT 1/0"));
      EXPECT_FALSE(inner->commit());
    }
    ASSERT_TRUE(insert("5"));
    if (commits) {
      ASSERT_TRUE(outer->commit());
    }
  }
  const auto rows = connection.exec("SELECT string_agg(a::text, ' ' ORDER BY a) FROM t");
  ASSERT_TRUE(rows);
  EXPECT_EQ(rows->text(0, 0), "1 2 3 5");
}

TEST(Transaction, a_failed_transaction_does_not_say_that_it_committed) {
  auto connection = open();
  auto transaction = Transaction::begin(connection);
  ASSERT_FALSE(connection.exec("SELECT 1/0"));
  EXPECT_FALSE(transaction->commit());
  EXPECT_TRUE(connection.exec("SELECT 1"));
}

}  // namespace
}  // namespace xgate::pg
