// SPDX-License-Identifier: Apache-2.0
#include "service/app/migrate.hpp"

#include <string_view>
#include <thread>
#include <utility>

#include "pg/connection.hpp"
#include "service/store/schema.hpp"

namespace xgate::app {
namespace {

using Say = std::function<void(const std::string&)>;
using Outcome = tl::expected<void, std::string>;

// The lock's number is arbitrary, but must never change: old and new programs meet in it.
constexpr auto try_lock_sql = "SELECT pg_try_advisory_lock(7364011938)";
constexpr auto wait_lock_sql = "SELECT pg_advisory_lock(7364011938)";
constexpr auto unlock_sql = "SELECT pg_advisory_unlock(7364011938)";

constexpr auto version_table_sql = R"(
CREATE TABLE IF NOT EXISTS schema_migration (
  number     integer PRIMARY KEY,
  name       text NOT NULL,
  -- SHA-256 of the file, so that a history that was rewritten is noticed
  checksum   text NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT now()
))";
constexpr auto record_sql =
    "INSERT INTO schema_migration (number, name, checksum) VALUES ($1, $2, $3)";
// The service makes them too, every hour; from here on the first message already has a place.
constexpr auto partitions_sql =
    "SELECT maintain_partitions((now() AT TIME ZONE 'UTC')::date - 1,"
    " (now() AT TIME ZONE 'UTC')::date + 3, '-infinity', '-infinity')";

constexpr auto role_exists_sql = "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)";
constexpr auto name_roles_sql =
    "SELECT set_config('xgate.service_role', $1, true), set_config('xgate.plugin_role', $2, true)";

std::string failed(const std::string& what, const pg::Error& error) {
  return what + ": " + error.message;
}

Outcome lock(pg::Connection& connection, const Say& say) {
  auto tried = connection.exec(try_lock_sql);
  if (!tried) return tl::unexpected(failed("cannot lock the database", tried.error()));
  if (tried->boolean(0, 0)) return {};
  say("another migration is running: waiting for it");
  auto waited = connection.exec(wait_lock_sql);
  if (!waited) return tl::unexpected(failed("cannot lock the database", waited.error()));
  return {};
}

/// The end of a connection does it too, but a moment later than the next one may begin.
void unlock(pg::Connection& connection) { (void)connection.exec(unlock_sql); }

Outcome apply(pg::Connection& connection, const sql::Migration& migration) {
  const std::string name(migration.name);
  const auto checksum = store::migration_checksum(connection, migration);
  if (!checksum) return tl::unexpected(failed(name + " failed", checksum.error()));
  auto transaction = pg::Transaction::begin(connection);
  if (!transaction) return tl::unexpected(failed(name + " failed", transaction.error()));
  if (auto run = connection.exec_script(std::string(migration.text)); !run) {
    return tl::unexpected(failed(name + " failed and was undone", run.error()));
  }
  auto recorded = connection.exec(record_sql, {std::to_string(migration.number), name, *checksum});
  if (!recorded) return tl::unexpected(failed(name + " failed and was undone", recorded.error()));
  if (auto committed = transaction->commit(); !committed) {
    return tl::unexpected(failed(name + " failed", committed.error()));
  }
  return {};
}

Outcome bring_up_to_date(pg::Connection& connection, std::span<const sql::Migration> migrations,
                         const Say& say) {
  if (auto made = connection.exec_script(version_table_sql); !made) {
    return tl::unexpected(failed("cannot make the table schema_migration", made.error()));
  }
  const auto history = store::read_history(connection);
  if (!history) return tl::unexpected(failed("cannot read the history", history.error()));
  if (auto same = store::compare_history(connection, *history, migrations); !same) {
    return tl::unexpected(same.error().message);
  }
  for (const auto& migration : migrations.subspan(history->size())) {
    if (auto applied = apply(connection, migration); !applied) return applied;
    say("applied " + std::string(migration.name));
  }
  if (history->size() == migrations.size()) say("the database is up to date");
  return {};
}

/// Starting, or starting again, which is what a migration at a machine's start meets.
Outcome wait_for_database(const std::string& conninfo, const Say& say,
                          std::chrono::seconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  bool said = false;
  while (true) {
    const auto connection = pg::Connection::open(conninfo);
    if (connection) return {};
    if (std::chrono::steady_clock::now() >= deadline) {
      return tl::unexpected(failed("cannot connect to the database", connection.error()));
    }
    if (!std::exchange(said, true)) {
      say("waiting for the database: " + connection.error().message);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
  }
}

Outcome check_role(pg::Connection& connection, const std::string& setting,
                   const std::string& role) {
  if (role.empty()) return {};
  const auto there = connection.exec(role_exists_sql, {role});
  if (!there) return tl::unexpected(failed("cannot read the roles", there.error()));
  if (there->boolean(0, 0)) return {};
  return tl::unexpected("the database has no role \"" + role + "\", which [database] " + setting +
                        " names: CREATE ROLE " + role + " LOGIN");
}

Outcome grant(pg::Connection& connection, const Roles& roles) {
  if (auto known = check_role(connection, "service_role", roles.service); !known) return known;
  if (auto known = check_role(connection, "plugin_role", roles.plugin); !known) return known;
  const auto refused = [](const pg::Error& error) {
    return tl::unexpected(failed("cannot grant the roles their rights", error));
  };
  auto transaction = pg::Transaction::begin(connection);
  if (!transaction) return refused(transaction.error());
  if (auto named = connection.exec(name_roles_sql, {roles.service, roles.plugin}); !named) {
    return refused(named.error());
  }
  if (auto done = connection.exec_script(std::string(sql::grants())); !done) {
    return refused(done.error());
  }
  if (auto committed = transaction->commit(); !committed) return refused(committed.error());
  return {};
}

Outcome migrate_under_lock(pg::Connection& connection, const Roles& roles, const Say& say) {
  if (auto done = bring_up_to_date(connection, sql::migrations(), say); !done) return done;
  if (auto made = connection.exec(partitions_sql); !made) {
    return tl::unexpected(failed("cannot make partitions", made.error()));
  }
  return grant(connection, roles);
}

/// `work` alone among all that migrate this database.
Outcome alone(const std::string& conninfo, const Say& say,
              const std::function<Outcome(pg::Connection&)>& work) {
  auto connection = pg::Connection::open(conninfo);
  if (!connection) {
    return tl::unexpected(failed("cannot connect to the database", connection.error()));
  }
  if (auto locked = lock(*connection, say); !locked) return locked;
  auto done = work(*connection);
  unlock(*connection);
  return done;
}

}  // namespace

Outcome migrate(const std::string& conninfo, const Say& say, const Roles& roles,
                std::chrono::seconds patience) {
  if (auto there = wait_for_database(conninfo, say, patience); !there) return there;
  return alone(conninfo, say, [&](pg::Connection& connection) {
    return migrate_under_lock(connection, roles, say);
  });
}

Outcome migrate(const std::string& conninfo, std::span<const sql::Migration> migrations,
                const Say& say) {
  return alone(conninfo, say, [&](pg::Connection& connection) {
    return bring_up_to_date(connection, migrations, say);
  });
}

}  // namespace xgate::app
