// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pg/connection.hpp"
#include "service/store/scope.hpp"

// Who changed what through the API. Rows are only added.
namespace xgate::store {

struct AuditEntry {
  std::int64_t token_id = 0;
  std::string token_name;
  std::string address;
  std::string operation;  ///< its operationId
  // what it was done to
  std::optional<std::string> open_id = {};  ///< unset: the product's
  std::optional<std::string> product_id = {};
  std::optional<std::string> node_eui = {};
  // JSON text without secrets
  std::optional<std::string> before = {};
  std::optional<std::string> after = {};
  bool revealed = false;  ///< the answer had secrets
};
/// In the transaction of the change.
pg::Result<void> insert_audit(pg::Connection& connection, const AuditEntry& entry);

struct AuditRecord {
  std::int64_t audit_id = 0;
  std::string at;
  AuditEntry entry;
};
/// Unset members do not restrict.
struct AuditFilter {
  Scope scope;
  std::optional<std::string> open_id = {};
  std::optional<std::string> product_id = {};
  std::optional<std::string> node_eui = {};
  std::optional<std::int64_t> token_id = {};
  std::optional<std::string> operation = {};
  std::optional<std::int64_t> since_ms = {};
  std::optional<std::int64_t> until_ms = {};
  std::optional<std::int64_t> before_id = {};  ///< older than this one
  int limit = 100;
};
/// Newest first.
pg::Result<std::vector<AuditRecord>> list_audit(pg::Connection& connection,
                                                const AuditFilter& filter);

/// Deletes what is older, a bounded number at a time: how many. What is younger than 30 days
/// stays whatever is asked for.
pg::Result<std::int64_t> forget_audit(pg::Connection& connection, std::int64_t kept_since_ms);

}  // namespace xgate::store
