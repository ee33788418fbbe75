// SPDX-License-Identifier: Apache-2.0
#include "service/store/audit.hpp"

#include "service/store/rfc3339.hpp"

namespace xgate::store {
namespace {

constexpr auto insert_audit_sql =
    "INSERT INTO audit (token_id, token_name, address, operation, open_id, product_id, node_eui, "
    "before, after, revealed) VALUES ($1, $2, $3, $4, coalesce($5, (SELECT open_id FROM product "
    "WHERE product_id = $6)), $6, $7, $8, $9, $10)";
constexpr auto select_audit_sql =
    "SELECT audit_id, " XGATE_RFC3339("at") ", token_id, token_name, address, operation, open_id, "
    "product_id, node_eui, before, after, revealed FROM audit WHERE true";
constexpr auto forget_audit_sql =
    "SELECT forget_audit(to_timestamp($1::float8 / 1000), 10000::bigint)";

/// "AND … AND …" with the parameters of those that are wanted.
class Restrictions {
 public:
  void add(std::string_view before, const std::optional<std::string>& value,
           std::string_view after = {}) {
    if (!value) return;
    params_.emplace_back(value);
    sql_.append(" AND ").append(before).append("$" + std::to_string(params_.size())).append(after);
  }
  void add(std::string_view before, std::optional<std::int64_t> number, std::string_view after) {
    if (number) add(before, std::to_string(*number), after);
  }
  /// Of a product only what came since it was made: another may have had its id before.
  void add(const Scope& scope) {
    params_.emplace_back(scope.open_id);
    params_.emplace_back(scope.product_id);
    const auto vendor = "$" + std::to_string(params_.size() - 1);
    const auto product = "$" + std::to_string(params_.size());
    sql_.append(" AND in_scope(open_id, product_id, " + vendor + ", " + product + ") AND (" +
                product + "::text IS NULL OR at >= (SELECT p.created_at FROM product p WHERE " +
                "p.product_id = " + product + "))");
  }
  const std::string& sql() const noexcept { return sql_; }
  const std::vector<pg::Param>& params() const noexcept { return params_; }

 private:
  std::string sql_;
  std::vector<pg::Param> params_;
};

AuditRecord audit_of(const pg::Rows& rows, int row) {
  const auto text = [&](int column) { return std::string(rows.text(row, column)); };
  return {.audit_id = rows.int64(row, 0),
          .at = text(1),
          .entry = {.token_id = rows.int64(row, 2),
                    .token_name = text(3),
                    .address = text(4),
                    .operation = text(5),
                    .open_id = rows.optional_text(row, 6),
                    .product_id = rows.optional_text(row, 7),
                    .node_eui = rows.optional_text(row, 8),
                    .before = rows.optional_text(row, 9),
                    .after = rows.optional_text(row, 10),
                    .revealed = rows.boolean(row, 11)}};
}

}  // namespace

pg::Result<void> insert_audit(pg::Connection& connection, const AuditEntry& entry) {
  auto rows = connection.exec(insert_audit_sql,
                              {std::to_string(entry.token_id), entry.token_name, entry.address,
                               entry.operation, entry.open_id, entry.product_id, entry.node_eui,
                               entry.before, entry.after, std::string(entry.revealed ? "t" : "f")});
  if (!rows) return tl::unexpected(std::move(rows).error());
  return {};
}

pg::Result<std::vector<AuditRecord>> list_audit(pg::Connection& connection,
                                                const AuditFilter& filter) {
  Restrictions only;
  if (!filter.scope.is_platform()) only.add(filter.scope);
  only.add("open_id = ", filter.open_id);
  only.add("product_id = ", filter.product_id);
  only.add("node_eui = ", filter.node_eui);
  only.add("operation = ", filter.operation);
  only.add("token_id = ", filter.token_id, "::bigint");
  only.add("at >= to_timestamp(", filter.since_ms, "::float8 / 1000)");
  only.add("at < to_timestamp(", filter.until_ms, "::float8 / 1000)");
  only.add("audit_id < ", filter.before_id, "::bigint");
  const auto rows =
      connection.exec(select_audit_sql + only.sql() + " ORDER BY audit_id DESC LIMIT " +
                          std::to_string(filter.limit),
                      only.params());
  if (!rows) return tl::unexpected(rows.error());
  std::vector<AuditRecord> records;
  records.reserve(static_cast<std::size_t>(rows->size()));
  for (int i = 0; i < rows->size(); ++i) records.push_back(audit_of(*rows, i));
  return records;
}

pg::Result<std::int64_t> forget_audit(pg::Connection& connection, std::int64_t kept_since_ms) {
  const auto rows = connection.exec(forget_audit_sql, {std::to_string(kept_since_ms)});
  if (!rows) return tl::unexpected(rows.error());
  return rows->int64(0, 0);
}

}  // namespace xgate::store
