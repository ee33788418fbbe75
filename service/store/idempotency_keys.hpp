// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "pg/connection.hpp"

// Answers that are given again to the same request under the same Idempotency-Key.
namespace xgate::store {

/// How long an answer is kept.
constexpr std::int64_t answer_kept_ms = 24LL * 60 * 60 * 1000;

struct IdempotencyKey {
  std::string token_hash;  ///< SHA-256: who asks
  std::string key;
};

struct KeptAnswer {
  std::string request_hash;  ///< SHA-256: of what it is the answer to
  int status = 0;
  std::string content_type;
  std::string headers;  ///< as JSON
  std::string body;
};

/// For the rest of the transaction. False: a request with this key is running.
pg::Result<bool> claim_key(pg::Connection& connection, const IdempotencyKey& key);
pg::Result<std::optional<KeptAnswer>> find_answer(pg::Connection& connection,
                                                  const IdempotencyKey& key, std::int64_t now_ms);
/// With the key claimed, in the transaction of what was done.
pg::Result<void> keep_answer(pg::Connection& connection, const IdempotencyKey& key,
                             const KeptAnswer& answer, std::int64_t now_ms);
/// Deletes what is not kept any more, a bounded number at a time: how many.
pg::Result<std::int64_t> forget_answers(pg::Connection& connection, std::int64_t now_ms);

}  // namespace xgate::store
