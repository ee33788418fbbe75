// SPDX-License-Identifier: Apache-2.0
#include "service/app/migrate.hpp"

#include <string_view>
#include <utility>
#include <vector>

namespace xgate::app {
namespace {

using Say = std::function<void(const std::string&)>;
using Outcome = tl::expected<void, std::string>;

// The lock's number is arbitrary, but must never change: old and new programs meet in it.
constexpr auto try_lock_sql = "SELECT pg_try_advisory_lock(7364011938)";
constexpr auto wait_lock_sql = "SELECT pg_advisory_lock(7364011938)";

constexpr auto version_table_sql = R"(
CREATE TABLE IF NOT EXISTS schema_migration (
  number     integer PRIMARY KEY,
  name       text NOT NULL,
  -- SHA-256 of the file, so that a history that was rewritten is noticed
  checksum   text NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT now()
))";
constexpr auto history_sql = "SELECT number, name, checksum FROM schema_migration ORDER BY number";
constexpr auto checksum_sql = "SELECT encode(sha256(convert_to($1, 'UTF8')), 'hex')";
constexpr auto record_sql =
    "INSERT INTO schema_migration (number, name, checksum) VALUES ($1, $2, $3)";
// The service makes them too, every hour; from here on the first message already has a place.
constexpr auto partitions_sql =
    "SELECT maintain_partitions((now() AT TIME ZONE 'UTC')::date - 1,"
    " (now() AT TIME ZONE 'UTC')::date + 3, '-infinity')";

struct Applied {
  std::int64_t number;
  std::string name;
  std::string checksum;
};

pg::Result<std::vector<Applied>> read_history(pg::Connection& connection) {
  auto rows = connection.exec(history_sql);
  if (!rows) return tl::unexpected(std::move(rows).error());
  std::vector<Applied> history;
  for (int i = 0; i < rows->size(); ++i) {
    history.push_back(
        {rows->int64(i, 0), std::string(rows->text(i, 1)), std::string(rows->text(i, 2))});
  }
  return history;
}

pg::Result<std::string> checksum_of(pg::Connection& connection, std::string_view text) {
  auto rows = connection.exec(checksum_sql, {std::string(text)});
  if (!rows) return tl::unexpected(std::move(rows).error());
  return std::string(rows->text(0, 0));
}

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

/// What was applied must be the beginning of what this program knows.
Outcome compare(pg::Connection& connection, const std::vector<Applied>& history,
                std::span<const sql::Migration> migrations) {
  for (std::size_t i = 0; i < history.size(); ++i) {
    const auto& applied = history[i];
    if (i >= migrations.size()) {
      return tl::unexpected("the database was migrated to " + applied.name +
                            " by a newer xgate: use that version, or restore a backup");
    }
    const auto checksum = checksum_of(connection, migrations[i].text);
    if (!checksum) return tl::unexpected(failed("cannot read the history", checksum.error()));
    const bool same = applied.number == migrations[i].number &&
                      applied.name == migrations[i].name && applied.checksum == *checksum;
    if (!same) {
      return tl::unexpected("the database has a " + applied.name +
                            " that is not this program's: it was migrated by another build of "
                            "xgate; use that one, or start from an empty database");
    }
  }
  return {};
}

Outcome apply(pg::Connection& connection, const sql::Migration& migration) {
  const std::string name(migration.name);
  const auto checksum = checksum_of(connection, migration.text);
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

}  // namespace

Outcome migrate(const std::string& conninfo, const Say& say) {
  if (auto done = migrate(conninfo, sql::migrations(), say); !done) return done;
  auto connection = pg::Connection::open(conninfo);
  if (!connection) return tl::unexpected(failed("cannot make partitions", connection.error()));
  if (auto made = connection->exec(partitions_sql); !made) {
    return tl::unexpected(failed("cannot make partitions", made.error()));
  }
  return {};
}

Outcome migrate(const std::string& conninfo, std::span<const sql::Migration> migrations,
                const Say& say) {
  auto connection = pg::Connection::open(conninfo);
  if (!connection) {
    return tl::unexpected(failed("cannot connect to the database", connection.error()));
  }
  if (auto locked = lock(*connection, say); !locked) return locked;
  if (auto made = connection->exec_script(version_table_sql); !made) {
    return tl::unexpected(failed("cannot make the table schema_migration", made.error()));
  }
  const auto history = read_history(*connection);
  if (!history) return tl::unexpected(failed("cannot read the history", history.error()));
  if (auto same = compare(*connection, *history, migrations); !same) return same;
  for (const auto& migration : migrations.subspan(history->size())) {
    if (auto applied = apply(*connection, migration); !applied) return applied;
    say("applied " + std::string(migration.name));
  }
  if (history->size() == migrations.size()) say("the database is up to date");
  return {};
}

pg::Result<void> check_schema(pg::Connection& connection) {
  const auto refuse = [](std::string why) { return tl::unexpected(pg::Error{"", std::move(why)}); };
  auto history = read_history(connection);
  if (!history) {
    const bool no_table = history.error().sqlstate == "42P01";
    if (!no_table) return tl::unexpected(std::move(history).error());
    return refuse("the database is empty: run xgate migrate");
  }
  const auto migrations = sql::migrations();
  if (auto same = compare(connection, *history, migrations); !same) return refuse(same.error());
  if (history->size() < migrations.size()) {
    return refuse("the database lacks " + std::string(migrations[history->size()].name) +
                  ": run xgate migrate");
  }
  return {};
}

}  // namespace xgate::app
