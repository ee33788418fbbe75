// SPDX-License-Identifier: Apache-2.0
#include "service/store/scope.hpp"

namespace xgate::store {
namespace {

#define XGATE_IN_SCOPE "in_scope(p.open_id, p.product_id, $2, $3)"

constexpr auto covers_product_sql =
    "SELECT EXISTS (SELECT FROM product p WHERE p.product_id = $1 AND " XGATE_IN_SCOPE ")";
constexpr auto covers_command_sql =
    "SELECT EXISTS (SELECT FROM command c JOIN device d USING (device_id) JOIN product p ON "
    "p.product_id = d.product_id WHERE c.command_id = $1::bigint AND " XGATE_IN_SCOPE ")";
constexpr auto covers_image_sql =
    "SELECT EXISTS (SELECT FROM firmware_image i JOIN product p USING (product_id) WHERE "
    "i.image_id = $1::bigint AND " XGATE_IN_SCOPE ")";
constexpr auto covers_job_sql =
    "SELECT EXISTS (SELECT FROM upgrade_job j JOIN product p USING (product_id) WHERE "
    "j.job_id = $1::bigint AND " XGATE_IN_SCOPE ")";
constexpr auto ids_in_scope_sql =
    "SELECT product_id FROM product WHERE in_scope(open_id, product_id, $1, $2)";

std::string_view covers_sql(Owned what) {
  switch (what) {
    case Owned::command:
      return covers_command_sql;
    case Owned::firmware_image:
      return covers_image_sql;
    case Owned::upgrade_job:
      return covers_job_sql;
    case Owned::product:
      break;
  }
  return covers_product_sql;
}

}  // namespace

pg::Result<bool> covers(pg::Connection& connection, const Scope& scope, Owned what,
                        const std::string& id) {
  const auto rows = connection.exec(covers_sql(what), {id, scope.open_id, scope.product_id});
  if (!rows) return tl::unexpected(rows.error());
  return rows->boolean(0, 0);
}

pg::Result<std::vector<std::string>> product_ids(pg::Connection& connection, const Scope& scope) {
  const auto rows = connection.exec(ids_in_scope_sql, {scope.open_id, scope.product_id});
  if (!rows) return tl::unexpected(rows.error());
  std::vector<std::string> ids;
  ids.reserve(static_cast<std::size_t>(rows->size()));
  for (int i = 0; i < rows->size(); ++i) ids.emplace_back(rows->text(i, 0));
  return ids;
}

}  // namespace xgate::store
