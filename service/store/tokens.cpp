// SPDX-License-Identifier: Apache-2.0
#include "service/store/tokens.hpp"

#include <array>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pg/array.hpp"
#include "pg/bytea.hpp"
#include "protocol/session_key.hpp"
#include "service/store/rfc3339.hpp"
#include "service/store/sha256.hpp"

namespace xgate::store {
namespace {

constexpr std::array<std::string_view, 3> roles{"read", "operate", "admin"};

#define TOKEN_IS_VALID "revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())"
// Whoever has one can make any other.
#define TOKEN_IS_WHOLE "role = 'admin' AND open_id IS NULL AND product_id IS NULL"

constexpr auto find_grant_sql =
    "SELECT last_used_at IS DISTINCT FROM date_trunc('minute', now()), token_id, name, role, "
    "open_id, product_id, CASE WHEN expires_at <= now() THEN " XGATE_RFC3339(
        "expires_at") " END FROM api_token WHERE token_sha256 = $1 AND revoked_at IS NULL";
constexpr auto known_tokens_sql =
    "SELECT token_sha256 FROM api_token WHERE token_sha256 = ANY($1::bytea[])";
constexpr auto used_token_sql =
    "UPDATE api_token SET last_used_at = date_trunc('minute', now()) WHERE token_sha256 = $1";
constexpr auto lock_tokens_sql = "SELECT pg_advisory_xact_lock(hashtext('xgate tokens'))";
constexpr auto any_token_sql =
    "SELECT 1 FROM api_token WHERE " TOKEN_IS_VALID " AND " TOKEN_IS_WHOLE " LIMIT 1";

#define TOKEN_COLUMNS                                                                           \
  "token_id, name, role, open_id, product_id, " XGATE_RFC3339("created_at") ", " XGATE_RFC3339( \
      "expires_at") ", " XGATE_RFC3339("last_used_at") ", " XGATE_RFC3339("revoked_at")

constexpr auto insert_token_sql =
    "INSERT INTO api_token (name, token_sha256, role, open_id, product_id, expires_at) VALUES ($1, "
    "$2, $3, $4, $5, to_timestamp($6::float8 / 1000)) RETURNING " TOKEN_COLUMNS;
constexpr auto list_tokens_sql = "SELECT " TOKEN_COLUMNS
                                 " FROM api_token WHERE ($1 = '' OR token_id > $1::bigint)"
                                 " ORDER BY token_id LIMIT $2";
#define OTHER_WHOLE_TOKEN                                                                         \
  "EXISTS (SELECT FROM api_token WHERE token_id <> $1 AND " TOKEN_IS_VALID " AND " TOKEN_IS_WHOLE \
  ")"
// With the lock held: what else is valid stays so.
constexpr auto revoke_token_sql =
    "UPDATE api_token SET revoked_at = coalesce(revoked_at, now()) WHERE token_id = $1"
    " AND (NOT (" TOKEN_IS_VALID ") OR (token_sha256 IS DISTINCT FROM $2 AND (NOT (" TOKEN_IS_WHOLE
    ") OR " OTHER_WHOLE_TOKEN "))) RETURNING " TOKEN_COLUMNS ", revoked_at = now()";
constexpr auto known_token_sql =
    "SELECT NOT (" TOKEN_IS_WHOLE ") OR " OTHER_WHOLE_TOKEN " FROM api_token WHERE token_id = $1";

Scope scope_of(const pg::Rows& rows, int row, int column) {
  return {.open_id = rows.optional_text(row, column),
          .product_id = rows.optional_text(row, column + 1)};
}

TokenRecord token_of(const pg::Rows& rows, int row) {
  return {.token_id = rows.int64(row, 0),
          .name = std::string(rows.text(row, 1)),
          .role = role_from(rows.text(row, 2)).value_or(Role::read),
          .scope = scope_of(rows, row, 3),
          .created_at = std::string(rows.text(row, 5)),
          .expires_at = rows.optional_text(row, 6),
          .last_used_at = rows.optional_text(row, 7),
          .revoked_at = rows.optional_text(row, 8)};
}

pg::Error cannot_write(const std::string& file) {
  pg::Error error;
  error.message =
      "cannot write the API token to " + file + ": " + std::generic_category().message(errno);
  return error;
}

/// Into a new file beside it, then renamed over: never half a token, never readable by others.
pg::Result<void> write_secret(const std::string& file, const std::string& secret) {
  const auto draft = file + "." + std::to_string(::getpid());
  ::unlink(draft.c_str());
  const int fd = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return tl::unexpected(cannot_write(file));
  const bool written =
      ::write(fd, secret.data(), secret.size()) == static_cast<ssize_t>(secret.size()) &&
      ::fsync(fd) == 0;
  const bool closed = ::close(fd) == 0;
  if (!written || !closed || ::rename(draft.c_str(), file.c_str()) != 0) {
    auto error = cannot_write(file);
    ::unlink(draft.c_str());
    return tl::unexpected(std::move(error));
  }
  return {};
}

}  // namespace

std::string token_hash(std::string_view token) { return sha256(token); }

std::string_view to_string(Role role) noexcept { return roles.at(static_cast<std::size_t>(role)); }

std::optional<Role> role_from(std::string_view text) noexcept {
  for (std::size_t i = 0; i < roles.size(); ++i) {
    if (roles.at(i) == text) return static_cast<Role>(i);
  }
  return std::nullopt;
}

pg::Result<std::optional<TokenGrant>> find_grant(pg::Connection& connection,
                                                 const std::string& hash) {
  auto rows = connection.exec(find_grant_sql, {pg::bytea_param(hash)});
  if (!rows) return tl::unexpected(std::move(rows).error());
  if (rows->size() == 0) return std::nullopt;
  // At most once a minute. A database that takes no writes now can still be read.
  if (rows->boolean(0, 0)) (void)connection.exec(used_token_sql, {pg::bytea_param(hash)});
  return TokenGrant{.token_id = rows->int64(0, 1),
                    .name = std::string(rows->text(0, 2)),
                    .role = role_from(rows->text(0, 3)).value_or(Role::read),
                    .scope = scope_of(*rows, 0, 4),
                    .expired_at = rows->optional_text(0, 6)};
}

pg::Result<std::vector<std::string>> known_tokens(pg::Connection& connection,
                                                  const std::vector<std::string>& hashes) {
  pg::ArrayBuilder asked;
  for (const auto& hash : hashes) asked.add_bytea(hash);
  const auto rows = connection.exec(known_tokens_sql, {asked.take()});
  if (!rows) return tl::unexpected(rows.error());
  std::vector<std::string> known;
  known.reserve(static_cast<std::size_t>(rows->size()));
  for (int i = 0; i < rows->size(); ++i) known.push_back(pg::decode_bytea(rows->text(i, 0)));
  return known;
}

std::string new_token() {
  return "xgate_" + protocol::new_product_key() + protocol::new_product_key();
}

pg::Result<TokenRecord> insert_token(pg::Connection& connection, const NewToken& token) {
  const auto& expires = token.expires_at_ms;
  const auto rows =
      connection.exec(insert_token_sql,
                      {token.name, pg::bytea_param(token.hash), std::string(to_string(token.role)),
                       token.scope.open_id, token.scope.product_id,
                       expires ? pg::Param(std::to_string(*expires)) : pg::Param()});
  if (!rows) return tl::unexpected(rows.error());
  return token_of(*rows, 0);
}

pg::Result<std::vector<TokenRecord>> list_tokens(pg::Connection& connection, const Page& page) {
  const auto rows = connection.exec(list_tokens_sql, {page.after, std::to_string(page.limit)});
  if (!rows) return tl::unexpected(rows.error());
  std::vector<TokenRecord> tokens;
  tokens.reserve(static_cast<std::size_t>(rows->size()));
  for (int i = 0; i < rows->size(); ++i) tokens.push_back(token_of(*rows, i));
  return tokens;
}

pg::Result<Revocation> revoke_token(pg::Connection& connection, std::int64_t token_id,
                                    const std::optional<std::string>& spare) {
  auto transaction = pg::Transaction::begin(connection);
  if (!transaction) return tl::unexpected(transaction.error());
  if (const auto locked = connection.exec(lock_tokens_sql); !locked)
    return tl::unexpected(locked.error());
  const auto id = std::to_string(token_id);
  const auto rows = connection.exec(revoke_token_sql,
                                    {id, spare ? pg::Param(pg::bytea_param(*spare)) : pg::Param()});
  if (!rows) return tl::unexpected(rows.error());
  if (rows->size() == 0) {
    const auto known = connection.exec(known_token_sql, {id});
    if (!known) return tl::unexpected(known.error());
    using Outcome = Revocation::Outcome;
    if (known->size() == 0) return Revocation{};
    return Revocation{known->boolean(0, 0) ? Outcome::spared : Outcome::last};
  }
  if (auto committed = transaction->commit(); !committed) return tl::unexpected(committed.error());
  return Revocation{Revocation::Outcome::revoked, rows->boolean(0, 9), token_of(*rows, 0)};
}

pg::Result<bool> ensure_first_token(pg::Connection& connection, const std::string& file) {
  auto transaction = pg::Transaction::begin(connection);
  if (!transaction) return tl::unexpected(std::move(transaction).error());
  // Two services that start at once must not both think that theirs is the first.
  if (auto locked = connection.exec(lock_tokens_sql); !locked) {
    return tl::unexpected(std::move(locked).error());
  }
  auto any = connection.exec(any_token_sql);
  if (!any) return tl::unexpected(std::move(any).error());
  if (any->size() > 0) return false;
  const auto token = new_token();
  if (auto written = write_secret(file, token + "\n"); !written) {
    return tl::unexpected(std::move(written).error());
  }
  auto inserted =
      insert_token(connection, {.name = "first", .hash = token_hash(token), .role = Role::admin});
  if (!inserted) return tl::unexpected(std::move(inserted).error());
  if (auto committed = transaction->commit(); !committed) {
    return tl::unexpected(std::move(committed).error());
  }
  return true;
}

}  // namespace xgate::store
