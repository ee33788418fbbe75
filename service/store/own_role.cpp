// SPDX-License-Identifier: Apache-2.0
#include "service/store/own_role.hpp"

namespace xgate::store {
namespace {

constexpr auto rights_sql = R"(
SELECT current_user, CASE WHEN r.rolsuper THEN 'is a superuser'
                          WHEN pg_has_role(c.relowner, 'MEMBER') THEN 'owns the tables' END
FROM pg_roles r, pg_class c WHERE r.rolname = current_user AND c.oid = 'device'::regclass)";

}  // namespace

pg::Result<std::string> find_excess_rights(pg::Connection& connection) {
  const auto rows = connection.exec(rights_sql);
  if (!rows) return tl::unexpected(rows.error());
  if (rows->size() == 0 || rows->is_null(0, 1)) return std::string();
  return "the service's database role \"" + std::string(rows->text(0, 0)) + "\" " +
         std::string(rows->text(0, 1)) +
         ", where it needs to read and write rows only: operations.md, \"Roles of the database\"";
}

}  // namespace xgate::store
