// SPDX-License-Identifier: Apache-2.0
#include "service/store/durability.hpp"

#include <utility>

#include "service/observe/log.hpp"
#include "service/store/tokens.hpp"

namespace xgate::store {
namespace {

// As they hold for this connection: synchronous_commit may be a role's or a database's own.
constexpr auto unsafe_sql =
    "SELECT string_agg(name || ' is off', ', ' ORDER BY name) FROM pg_settings WHERE name IN "
    "('fsync', 'full_page_writes', 'synchronous_commit') AND setting = 'off'";

/// Without a SQLSTATE, as check_schema() tells what must be mended before the service can run.
tl::unexpected<pg::Error> must_be_mended(std::string why) {
  pg::Error error;
  error.message = std::move(why);
  return tl::unexpected(std::move(error));
}

}  // namespace

pg::Result<std::string> find_unsafe_settings(pg::Connection& connection) {
  const auto rows = connection.exec(unsafe_sql);
  if (!rows) return tl::unexpected(rows.error());
  return rows->is_null(0, 0) ? std::string() : std::string(rows->text(0, 0));
}

pg::Result<void> check_durability(pg::Connection& connection, bool allow_unsafe) {
  const auto found = find_unsafe_settings(connection);
  if (!found) return tl::unexpected(found.error());
  if (found->empty()) return {};
  const auto what = "the database may lose what devices were told is stored: " + *found;
  if (!allow_unsafe) {
    return must_be_mended(what +
                          "; turn it on in postgresql.conf, or, for tests only, say [database] "
                          "allow_unsafe = true");
  }
  observe::warn("{} ([database] allow_unsafe): for tests only", observe::Words(what));
  return {};
}

pg::Result<void> check_tokens(pg::Connection& connection) {
  const auto empty = find_grant(connection, token_hash({}));
  if (!empty) return tl::unexpected(empty.error());
  if (!*empty || (*empty)->expired_at) return {};
  return must_be_mended(
      "an API token in the database is the empty text: UPDATE api_token SET revoked_at = now() "
      "WHERE token_sha256 = sha256('')");
}

}  // namespace xgate::store
