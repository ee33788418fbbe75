// SPDX-License-Identifier: Apache-2.0
#include "service/store/schema.hpp"

#include <utility>

namespace xgate::store {
namespace {

constexpr auto history_sql = "SELECT number, name, checksum FROM schema_migration ORDER BY number";
constexpr auto checksum_sql = "SELECT encode(sha256(convert_to($1, 'UTF8')), 'hex')";

tl::unexpected<pg::Error> refuse(std::string why) {
  pg::Error error;
  error.message = std::move(why);
  return tl::unexpected(std::move(error));
}

}  // namespace

pg::Result<std::vector<AppliedMigration>> read_history(pg::Connection& connection) {
  auto rows = connection.exec(history_sql);
  if (!rows) return tl::unexpected(std::move(rows).error());
  std::vector<AppliedMigration> history;
  history.reserve(static_cast<std::size_t>(rows->size()));
  for (int i = 0; i < rows->size(); ++i) {
    history.push_back(
        {rows->int64(i, 0), std::string(rows->text(i, 1)), std::string(rows->text(i, 2))});
  }
  return history;
}

pg::Result<std::string> migration_checksum(pg::Connection& connection,
                                           const sql::Migration& migration) {
  auto rows = connection.exec(checksum_sql, {std::string(migration.text)});
  if (!rows) return tl::unexpected(std::move(rows).error());
  return std::string(rows->text(0, 0));
}

pg::Result<void> compare_history(pg::Connection& connection,
                                 const std::vector<AppliedMigration>& history,
                                 std::span<const sql::Migration> migrations) {
  for (std::size_t i = 0; i < history.size(); ++i) {
    const auto& applied = history[i];
    if (i >= migrations.size()) {
      return refuse("the database was migrated to " + applied.name +
                    " by a newer xgate: use that version, or restore a backup");
    }
    const auto& ours = migrations[i];
    auto checksum = migration_checksum(connection, ours);
    if (!checksum) return tl::unexpected(std::move(checksum).error());
    const bool same =
        applied.number == ours.number && applied.name == ours.name && applied.checksum == *checksum;
    if (!same) {
      return refuse("the database has a " + applied.name +
                    " that is not this program's: it was migrated by another build of xgate; use "
                    "that one, or start from an empty database");
    }
  }
  return {};
}

pg::Result<void> check_schema(pg::Connection& connection) {
  auto history = read_history(connection);
  if (!history) {
    const bool no_table = history.error().sqlstate == "42P01";
    if (!no_table) return tl::unexpected(std::move(history).error());
    return refuse("the database is empty: run xgate migrate");
  }
  const auto migrations = sql::migrations();
  if (auto same = compare_history(connection, *history, migrations); !same) return same;
  if (history->size() < migrations.size()) {
    return refuse("the database lacks " + std::string(migrations[history->size()].name) +
                  ": run xgate migrate");
  }
  return {};
}

}  // namespace xgate::store
