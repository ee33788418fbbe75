// SPDX-License-Identifier: Apache-2.0
#include "service/store/idempotency_keys.hpp"

#include "service/store/statement.hpp"

namespace xgate::store {
namespace {

// No row stands for a request that is running: a lock does, which is gone when its transaction is,
// however that ends.
constexpr auto claim_sql =
    "SELECT pg_try_advisory_xact_lock(hashtextextended('xgate idempotency ' || $1 || ' ' || $2, "
    "0))";
constexpr auto find_sql =
    "SELECT request_sha256, status, content_type, headers, body FROM idempotency_key "
    "WHERE token_sha256 = $1 AND key = $2 AND answered_at > to_timestamp($3::bigint / 1000.0)";
// One that is there is too old to be found, and not deleted yet.
constexpr auto keep_sql = R"(
INSERT INTO idempotency_key (token_sha256, key, request_sha256, status, content_type, headers, body,
                             answered_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, to_timestamp($8::bigint / 1000.0))
ON CONFLICT (token_sha256, key) DO UPDATE SET
  request_sha256 = excluded.request_sha256, status = excluded.status,
  content_type = excluded.content_type, headers = excluded.headers, body = excluded.body,
  answered_at = excluded.answered_at)";
constexpr auto forget_sql = R"(
DELETE FROM idempotency_key WHERE (token_sha256, key) IN (
  SELECT token_sha256, key FROM idempotency_key
  WHERE answered_at <= to_timestamp($1::bigint / 1000.0) ORDER BY answered_at LIMIT 5000
  FOR UPDATE SKIP LOCKED))";

std::string kept_since(std::int64_t now_ms) { return std::to_string(now_ms - answer_kept_ms); }

}  // namespace

pg::Result<bool> claim_key(pg::Connection& connection, const IdempotencyKey& key) {
  const auto rows = connection.exec(claim_sql, {pg::bytea_param(key.token_hash), key.key});
  if (!rows) return tl::unexpected(rows.error());
  return rows->boolean(0, 0);
}

pg::Result<std::optional<KeptAnswer>> find_answer(pg::Connection& connection,
                                                  const IdempotencyKey& key, std::int64_t now_ms) {
  const auto rows =
      connection.exec(find_sql, {pg::bytea_param(key.token_hash), key.key, kept_since(now_ms)});
  if (!rows) return tl::unexpected(rows.error());
  if (rows->size() == 0) return std::nullopt;
  return KeptAnswer{.request_hash = rows->bytea(0, 0),
                    .status = static_cast<int>(rows->int64(0, 1)),
                    .content_type = std::string(rows->text(0, 2)),
                    .headers = std::string(rows->text(0, 3)),
                    .body = std::string(rows->text(0, 4))};
}

pg::Result<void> keep_answer(pg::Connection& connection, const IdempotencyKey& key,
                             const KeptAnswer& answer, std::int64_t now_ms) {
  return run(connection, keep_sql,
             {pg::bytea_param(key.token_hash), key.key, pg::bytea_param(answer.request_hash),
              std::to_string(answer.status), answer.content_type, answer.headers, answer.body,
              std::to_string(now_ms)});
}

pg::Result<std::int64_t> forget_answers(pg::Connection& connection, std::int64_t now_ms) {
  const auto rows = connection.exec(forget_sql, {kept_since(now_ms)});
  if (!rows) return tl::unexpected(rows.error());
  return rows->affected();
}

}  // namespace xgate::store
