// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "service/store/registry.hpp"
#include "service/store/rfc3339.hpp"

namespace xgate::store {
namespace {

#define VENDOR_COLUMNS "open_id, name, enabled, " XGATE_RFC3339("created_at")

constexpr auto insert_vendor_sql =
    "INSERT INTO vendor (open_id, name, enabled) VALUES ($1, $2, $3) RETURNING " VENDOR_COLUMNS;
constexpr auto find_vendor_sql = "SELECT " VENDOR_COLUMNS " FROM vendor WHERE open_id = $1";
constexpr auto update_vendor_sql =
    "UPDATE vendor SET name = $2, enabled = $3 WHERE open_id = $1 RETURNING " VENDOR_COLUMNS;
constexpr auto list_vendors_sql =
    "SELECT " VENDOR_COLUMNS
    " FROM vendor WHERE open_id > $1 AND in_scope(open_id, NULL, $3, $4) "
    "ORDER BY open_id LIMIT $2";
constexpr auto vendor_in_another_case_sql =
    "SELECT open_id FROM vendor WHERE lower(open_id) = lower($1) "
    "AND NOT EXISTS (SELECT FROM vendor WHERE open_id = $1) LIMIT 1";

VendorRecord vendor_of(const pg::Rows& rows, int row) {
  return {std::string(rows.text(row, 0)), std::string(rows.text(row, 1)), rows.boolean(row, 2),
          std::string(rows.text(row, 3))};
}

pg::Result<std::optional<VendorRecord>> first_vendor(pg::Result<pg::Rows> rows) {
  if (!rows) return tl::unexpected(std::move(rows).error());
  if (rows->size() == 0) return std::nullopt;
  return vendor_of(*rows, 0);
}

}  // namespace

pg::Result<VendorRecord> insert_vendor(pg::Connection& connection, const VendorRecord& vendor) {
  auto transaction = pg::Transaction::begin(connection);
  if (!transaction) return tl::unexpected(std::move(transaction).error());
  auto rows =
      connection.exec(insert_vendor_sql, {vendor.open_id, vendor.name, vendor.enabled ? "t" : "f"});
  if (!rows) return tl::unexpected(std::move(rows).error());
  if (auto done = transaction->commit(); !done) return tl::unexpected(std::move(done).error());
  return vendor_of(*rows, 0);
}

pg::Result<std::optional<VendorRecord>> find_vendor(pg::Connection& connection,
                                                    const std::string& open_id) {
  return first_vendor(connection.exec(find_vendor_sql, {open_id}));
}

pg::Result<std::optional<VendorRecord>> update_vendor(pg::Connection& connection,
                                                      const VendorRecord& vendor) {
  return first_vendor(connection.exec(update_vendor_sql,
                                      {vendor.open_id, vendor.name, vendor.enabled ? "t" : "f"}));
}

pg::Result<std::vector<VendorRecord>> list_vendors(pg::Connection& connection, const Scope& scope,
                                                   const Page& page) {
  auto rows = connection.exec(
      list_vendors_sql, {page.after, std::to_string(page.limit), scope.open_id, scope.product_id});
  if (!rows) return tl::unexpected(std::move(rows).error());
  std::vector<VendorRecord> vendors;
  vendors.reserve(static_cast<std::size_t>(rows->size()));
  for (int i = 0; i < rows->size(); ++i) vendors.push_back(vendor_of(*rows, i));
  return vendors;
}

pg::Result<std::optional<std::string>> vendor_in_another_case(pg::Connection& connection,
                                                              const std::string& open_id) {
  auto rows = connection.exec(vendor_in_another_case_sql, {open_id});
  if (!rows) return tl::unexpected(std::move(rows).error());
  if (rows->size() == 0) return std::nullopt;
  return std::string(rows->text(0, 0));
}

}  // namespace xgate::store
