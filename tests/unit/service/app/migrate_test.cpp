// SPDX-License-Identifier: Apache-2.0
#include "service/app/migrate.hpp"

#include <array>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakes/postgres_cluster.hpp"
#include "service/store/schema.hpp"

namespace xgate::app {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

fakes::PostgresCluster& cluster() { return fakes::PostgresCluster::shared(); }

constexpr sql::Migration one{1, "0001_one", "CREATE TABLE one (a int);"};
constexpr sql::Migration two{2, "0002_two", "CREATE TABLE two (a int); CREATE TABLE more (b int);"};

struct Said {
  std::vector<std::string> lines;
  std::function<void(const std::string&)> listener() {
    return [this](const std::string& line) { lines.push_back(line); };
  }
};

const auto deaf = [](const std::string&) {};

TEST(Migrate, applies_what_is_missing_and_says_so) {
  const auto database = cluster().create_database();
  Said said;
  ASSERT_TRUE(migrate(database, std::array{one}, said.listener()));
  ASSERT_TRUE(migrate(database, std::array{one, two}, said.listener()));
  ASSERT_TRUE(migrate(database, std::array{one, two}, said.listener()));
  EXPECT_THAT(said.lines,
              ElementsAre("applied 0001_one", "applied 0002_two", "the database is up to date"));
}

TEST(Migrate, refuses_a_changed_history) {
  const auto database = cluster().create_database();
  ASSERT_TRUE(migrate(database, std::array{one}, deaf));
  auto changed = one;
  changed.text = "CREATE TABLE one (a bigint);";
  const auto done = migrate(database, std::array{changed, two}, deaf);
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error(), HasSubstr("0001_one"));
}

TEST(Migrate, refuses_a_newer_database) {
  const auto database = cluster().create_database();
  ASSERT_TRUE(migrate(database, std::array{one, two}, deaf));
  const auto done = migrate(database, std::array{one}, deaf);
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error(), HasSubstr("newer"));
}

TEST(Migrate, undoes_a_migration_that_fails) {
  const auto database = cluster().create_database();
  auto bad = two;
  bad.text = "CREATE TABLE two (a int); SELECT * FROM nothing;";
  const auto done = migrate(database, std::array{one, bad}, deaf);
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error(), HasSubstr("0002_two failed and was undone"));
  ASSERT_TRUE(migrate(database, std::array{one, two}, deaf));
}

/// Whether `role` may do `right` with `table`.
bool may(const std::string& database, const std::string& role, const std::string& table,
         const std::string& right) {
  auto connection = pg::Connection::open(database);
  return connection->exec("SELECT has_any_column_privilege($1, $2, $3)", {role, table, right})
      ->boolean(0, 0);
}

TEST(Migrate, grants_to_the_roles_that_are_named) {
  const auto database = cluster().create_database();
  auto connection = pg::Connection::open(database);
  ASSERT_TRUE(connection->exec_script("CREATE ROLE \"a service\"; CREATE ROLE plugin"));
  ASSERT_TRUE(migrate(database, deaf));
  EXPECT_FALSE(may(database, "a service", "device", "SELECT"));
  const Roles roles{.service = "a service", .plugin = "plugin"};
  ASSERT_TRUE(migrate(database, deaf, roles));
  EXPECT_TRUE(may(database, "a service", "device", "UPDATE"));
  EXPECT_FALSE(may(database, "a service", "message", "UPDATE"));
  EXPECT_TRUE(may(database, "plugin", "device", "SELECT"));
  EXPECT_FALSE(may(database, "plugin", "api_token", "SELECT"));
  // what is more than they need is taken away
  ASSERT_TRUE(connection->exec_script("GRANT ALL ON device, api_token TO plugin"));
  ASSERT_TRUE(migrate(database, deaf, roles));
  EXPECT_FALSE(may(database, "plugin", "api_token", "SELECT"));
  EXPECT_FALSE(may(database, "plugin", "device", "INSERT"));
  ASSERT_TRUE(
      connection->exec_script("DROP OWNED BY \"a service\", plugin; "
                              "DROP ROLE \"a service\", plugin"));
}

TEST(Migrate, takes_nothing_from_the_owner_by_whichever_name) {
  const auto database = cluster().create_database();
  ASSERT_TRUE(migrate(database, deaf, {.service = "xgate", .plugin = ""}));
  auto connection = pg::Connection::open(database);
  const auto rights =
      connection->exec("SELECT relacl IS NULL FROM pg_class WHERE relname = 'message'");
  EXPECT_TRUE(rights->boolean(0, 0));
}

TEST(Migrate, names_a_role_that_is_not_there) {
  const auto done = migrate(cluster().create_database(), deaf, {.service = "", .plugin = "nobody"});
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error(), HasSubstr("no role \"nobody\", which [database] plugin_role names"));
}

TEST(Migrate, two_at_a_time_do_not_race) {
  const auto database = cluster().create_database();
  std::vector<std::thread> racers;
  std::array<bool, 4> done{};
  for (auto& outcome : done) {
    racers.emplace_back([&] {
      outcome = migrate(database, std::array{one, two}, deaf).has_value();
    });
  }
  for (auto& racer : racers) racer.join();
  EXPECT_THAT(done, ElementsAre(true, true, true, true));
}

TEST(Migrate, an_unreachable_database_is_one_sentence) {
  const auto done = migrate("host=/nonexistent dbname=x", deaf);
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error(), HasSubstr("cannot connect to the database"));
  EXPECT_EQ(done.error().find('\n'), std::string::npos);
}

TEST(CheckSchema, wants_exactly_this_programs_migrations) {
  const auto database = cluster().create_database();
  auto connection = pg::Connection::open(database);
  ASSERT_TRUE(connection);
  const auto before = store::check_schema(*connection);
  ASSERT_FALSE(before);
  EXPECT_THAT(before.error().message, HasSubstr("run xgate migrate"));
  EXPECT_FALSE(before.error().connection_gone);
  const auto done = migrate(database, deaf);
  ASSERT_TRUE(done) << done.error();
  EXPECT_TRUE(store::check_schema(*connection));
}

TEST(Migrate, tokens_from_before_there_were_roles_are_admins_for_ever) {
  const auto database = cluster().create_database();
  const auto all = sql::migrations();
  std::size_t before = 0;
  while (!all[before].name.ends_with("_token_roles")) ++before;
  ASSERT_TRUE(migrate(database, all.first(before), deaf));
  auto connection = *pg::Connection::open(database);
  ASSERT_TRUE(connection.exec(
      "INSERT INTO api_token (name, token_sha256) VALUES ('old', sha256('the old one'))"));
  ASSERT_TRUE(migrate(database, all.first(before + 1), deaf));
  const auto rows = connection.exec(
      "SELECT role, open_id IS NULL AND product_id IS NULL AND expires_at IS NULL FROM api_token");
  ASSERT_TRUE(rows);
  ASSERT_EQ(rows->size(), 1);
  EXPECT_EQ(rows->text(0, 0), "admin");
  EXPECT_TRUE(rows->boolean(0, 1));
}

TEST(Migrate, key_updates_that_are_open_go_on_as_commands) {
  const auto database = cluster().create_database();
  const auto all = sql::migrations();
  std::size_t before = 0;
  while (!all[before].name.ends_with("_key_updates")) ++before;
  ASSERT_TRUE(migrate(database, all.first(before), deaf));
  auto connection = *pg::Connection::open(database);
  const auto run = [&](std::string_view text) {
    auto rows = connection.exec(text);
    if (!rows) throw std::runtime_error(rows.error().message);
    return std::move(*rows);
  };
  run("INSERT INTO vendor (open_id, name) VALUES ('0000000A', 'v')");
  run("INSERT INTO product (product_id, open_id, name, product_key, auth_type, kind, encrypted) "
      "VALUES ('0000000B', '0000000A', 'p', repeat('0', 32), 1, 'json', true)");
  run("INSERT INTO device (product_id, node_eui, device_secret) "
      "SELECT '0000000B', 'dev' || n, repeat('0', 32) FROM generate_series(1, 5) n");
  run("INSERT INTO session_key (device_id, session_id, nonce, expires_at, used_at, tries, "
      "next_try_at) SELECT device_id, session_id, 16, now() + interval '1 hour', used_at, tries, "
      "next_try_at FROM (VALUES "
      "('dev1', 'AUTH', NULL, 0, NULL), "  // told by its auth reply
      "('dev2', 'OLD', now(), 0, NULL), ('dev2', 'NEW', NULL, 0, now()), "
      "('dev3', 'SENT', NULL, 2, 'infinity'), "  // the device had left
      "('dev4', 'OVER', NULL, 3, NULL), "        // its tries were over
      "('dev5', 'USED', now(), 1, NULL)) "
      "AS old (node_eui, session_id, used_at, tries, next_try_at) JOIN device USING (node_eui) "
      "ORDER BY next_try_at NULLS FIRST");
  ASSERT_TRUE(migrate(database, all.first(before + 1), deaf));
  const auto commands =
      run("SELECT session_id, state, c.tries, due_at IS NOT NULL, message_id >= 1 << 30 "
          "AND message_id <= (1::bigint << 31) - 1 AND topic = 'downlink' AND header_ctrl = 3 "
          "AND payload IS NULL, sent_at IS NOT NULL "
          "FROM command c JOIN session_key USING (session_key_id) ORDER BY session_id");
  ASSERT_EQ(commands.size(), 2);
  const auto row = [&](int i) {
    std::vector<std::string> columns;
    for (int column = 0; column < 6; ++column) columns.emplace_back(commands.text(i, column));
    return columns;
  };
  EXPECT_THAT(row(0), ElementsAre("NEW", "queued", "0", "t", "t", "f"));
  EXPECT_THAT(row(1), ElementsAre("SENT", "sent", "2", "f", "t", "t"));
  const auto told =
      run("SELECT string_agg(session_id, ' ' ORDER BY session_id) "
          "FILTER (WHERE by_update), string_agg(session_id, ' ' ORDER BY session_id) "
          "FILTER (WHERE told_at IS NOT NULL) FROM session_key");
  EXPECT_EQ(told.text(0, 0), "NEW OVER SENT USED");
  EXPECT_EQ(told.text(0, 1), "OVER SENT USED");
}

TEST(Migrate, HEX_2_products_in_the_field_keep_the_case_of_their_hex) {
  const auto database = cluster().create_database();
  const auto all = sql::migrations();
  std::size_t before = 0;
  while (!all[before].name.ends_with("_wire_forms")) ++before;
  ASSERT_TRUE(migrate(database, all.first(before), deaf));
  auto connection = *pg::Connection::open(database);
  ASSERT_TRUE(connection.exec("INSERT INTO vendor (open_id, name) VALUES ('0000000A', 'v')"));
  ASSERT_TRUE(connection.exec(
      "INSERT INTO product (product_id, open_id, name, product_key, auth_type, kind) "
      "VALUES ('0000000B', '0000000A', 'p', repeat('0', 32), 1, 'hex')"));
  ASSERT_TRUE(migrate(database, all.first(before + 1), deaf));
  const auto rows = connection.exec("SELECT hex_case, down_id_length FROM product");
  EXPECT_EQ(rows->text(0, 0), "upper");
  EXPECT_EQ(rows->text(0, 1), "short");
}

// ---------------------------------------------------------------- the schema itself

class Schema : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { database() = cluster().create_database(); }
  static std::string& database() {
    static std::string conninfo;
    return conninfo;
  }
  Schema() : connection_(*pg::Connection::open(database())) {
    EXPECT_TRUE(migrate(database(), deaf));
    run("TRUNCATE vendor CASCADE");
    run("INSERT INTO vendor (open_id, name) VALUES ('0000000A', 'v')");
    run("INSERT INTO product (product_id, open_id, name, product_key, auth_type, kind) VALUES "
        "('0000000B', '0000000A', 'p', repeat('0', 32), 1, 'json')");
  }
  pg::Rows run(const std::string& sql) {
    auto rows = connection_.exec(sql);
    if (!rows) throw std::runtime_error(rows.error().message);
    return std::move(*rows);
  }
  static std::string add_devices(int from, int to) {
    return "INSERT INTO device (product_id, node_eui, device_secret) SELECT '0000000B', 'dev' || "
           "lpad(n::text, 6, '0'), repeat('0', 32) FROM generate_series(" +
           std::to_string(from) + "," + std::to_string(to) + ") n";
  }
  std::vector<std::string> hear() {
    std::vector<std::string> payloads;
    for (;;) {
      auto arrived = connection_.wait_notifications(0);
      if (!arrived || arrived->empty()) return payloads;
      for (auto& notification : *arrived) payloads.push_back(notification.payload);
    }
  }
  pg::Connection connection_;
};

TEST_F(Schema, tells_which_device_changed_and_all_when_many_did) {
  run("LISTEN xgate_directory");
  run(add_devices(1, 2));
  EXPECT_THAT(hear(), ElementsAre("device 0000000B.dev000001", "device 0000000B.dev000002"));
  run("UPDATE device SET enabled = false WHERE node_eui = 'dev000002'");
  EXPECT_THAT(hear(), ElementsAre("device 0000000B.dev000002"));
  run(add_devices(10, 2000));
  EXPECT_THAT(hear(), ElementsAre("all"));
  run("DELETE FROM device WHERE node_eui = 'dev000001'");
  EXPECT_THAT(hear(), ElementsAre("device 0000000B.dev000001"));
  run("UPDATE product SET enabled = false");
  EXPECT_THAT(hear(), ElementsAre("products"));
}

TEST_F(Schema, a_devices_revision_only_grows) {
  run(add_devices(1, 1));
  const auto before = run("SELECT revision FROM device").int64(0, 0);
  run("UPDATE device SET enabled = false");
  EXPECT_GT(run("SELECT revision FROM device").int64(0, 0), before);
}

TEST_F(Schema, a_deleted_device_takes_its_state_along_and_leaves_its_messages) {
  run(add_devices(1, 1));
  run("INSERT INTO presence (device_id) SELECT device_id FROM device");
  run("INSERT INTO session_key (device_id, session_id, nonce, expires_at) "
      "SELECT device_id, 'AAAAAAAA', 16, now() FROM device");
  run("INSERT INTO firmware SELECT device_id, 'default', '1', '1', 2, now(), now() FROM device");
  run("INSERT INTO message (received_at, device_id, product_id, node_eui, topic, raw) "
      "SELECT now(), device_id, product_id, node_eui, 't', '' FROM device");
  run("DELETE FROM device");
  EXPECT_EQ(run("SELECT (SELECT count(*) FROM presence) + (SELECT count(*) FROM session_key) + "
                "(SELECT count(*) FROM firmware)")
                .int64(0, 0),
            0);
  EXPECT_EQ(run("SELECT count(*) FROM message").int64(0, 0), 1);
}

TEST_F(Schema, OTA_1_a_down_id_is_never_given_twice) {
  run(add_devices(1, 4));
  run("INSERT INTO upgrade_job (product_id, module, version, file_name, size, md5, sha256, "
      "time_limit_s) VALUES ('0000000B', 'default', 'v2', 'f', 1, repeat('0', 32), "
      "repeat('0', 64), 60)");
  // What is drawn: a number that grows by one at every third draw, so that most are taken.
  run("CREATE SCHEMA drawn");
  run("CREATE SEQUENCE drawn.draws");
  run("CREATE FUNCTION drawn.gen_random_uuid() RETURNS uuid LANGUAGE sql VOLATILE AS "
      "$$SELECT (lpad(to_hex(nextval('drawn.draws') / 3), 8, '0') || repeat('A', 24))::uuid$$");
  run("SET search_path = drawn, pg_catalog, public");
  run("INSERT INTO upgrade (job_id, device_id, module, rank, down_id) "
      "SELECT job_id, device_id, 'default', 0, new_down_id('short') FROM device, upgrade_job "
      "ORDER BY device_id");
  const auto made = run("SELECT string_agg(down_id, ' ' ORDER BY device_id) FROM upgrade");
  EXPECT_EQ(made.text(0, 0), "00000000 00000001 00000002 00000003") << "of one statement";
  run("INSERT INTO former_down_id SELECT '00000004', upgrade_id, 'failed', now() FROM upgrade "
      "LIMIT 1");
  EXPECT_EQ(run("SELECT new_down_id('short')").text(0, 0), "00000005");
  EXPECT_EQ(run("SELECT new_down_id('long')").text(0, 0).size(), 32U);
  run("RESET search_path");
  run("DROP SCHEMA drawn CASCADE");
}

TEST_F(Schema, partitions_are_made_and_dropped_by_the_day) {
  const auto days = [&] {
    return run("SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_inherits JOIN pg_class "
               "ON oid = inhrelid WHERE inhparent = 'message'::regclass AND relname < "
               "'message_2001'")
        .optional_text(0, 0)
        .value_or("");
  };
  run("SELECT maintain_partitions('2000-02-28', '2000-03-01', '-infinity', '-infinity')");
  EXPECT_EQ(days(), "message_20000228 message_20000229 message_20000301");
  run("INSERT INTO message (received_at, product_id, node_eui, topic, raw) "
      "VALUES ('2000-02-29 23:59:59.999+00', 'p', 'n', 't', '')");
  EXPECT_EQ(run("SELECT count(*) FROM message_20000229").int64(0, 0), 1);
  run("SELECT maintain_partitions('2000-03-01', '2000-03-01', '2000-03-01', '-infinity')");
  EXPECT_EQ(days(), "message_20000301");
  run("SELECT maintain_partitions('2000-03-01', '2000-03-01', '2000-03-01', '2000-02-29')");
  EXPECT_EQ(run("SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_inherits JOIN pg_class "
                "ON oid = inhrelid WHERE inhparent = 'property_history'::regclass AND relname < "
                "'property_history_2001'")
                .text(0, 0),
            "property_history_20000229 property_history_20000301")
      << "history has a date of its own";
}

}  // namespace
}  // namespace xgate::app
