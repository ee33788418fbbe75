// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "pg/connection.hpp"
#include "sql/migrations.hpp"

namespace xgate::store {

/// One row of schema_migration.
struct AppliedMigration {
  std::int64_t number;
  std::string name;
  std::string checksum;
};
pg::Result<std::vector<AppliedMigration>> read_history(pg::Connection& connection);
/// SHA-256 in hex.
pg::Result<std::string> migration_checksum(pg::Connection& connection,
                                           const sql::Migration& migration);
/// What was applied must be the beginning of what this program knows; else what to do.
pg::Result<void> compare_history(pg::Connection& connection,
                                 const std::vector<AppliedMigration>& history,
                                 std::span<const sql::Migration> migrations);

/// Whether the database has exactly this program's schema; else what to do. `connection_gone` of
/// the error tells a database that is away from one that must be migrated.
pg::Result<void> check_schema(pg::Connection& connection);

}  // namespace xgate::store
