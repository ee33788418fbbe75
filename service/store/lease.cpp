// SPDX-License-Identifier: Apache-2.0
#include "service/store/lease.hpp"

namespace xgate::store {
namespace {

// Two numbers: the first keeps our locks apart from other users of advisory locks in this database.
constexpr std::string_view take_lock =
    "SELECT pg_try_advisory_lock(hashtext('xgate broker'), hashtext($1))";

}  // namespace

pg::Result<bool> try_lease(pg::Connection& connection, const std::string& broker) {
  const auto rows = connection.exec(take_lock, {broker});
  if (!rows) {
    return tl::unexpected(rows.error());
  }
  return rows->boolean(0, 0);
}

}  // namespace xgate::store
