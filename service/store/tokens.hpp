// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pg/connection.hpp"
#include "service/store/registry.hpp"

namespace xgate::store {

/// SHA-256, 32 bytes. Made here and not by the database, whose log may hold parameters.
std::string token_hash(std::string_view token);

/// Whether a token of this hash is valid. Looking a hash up takes the same time whatever part of
/// it a guess got right, for nobody can choose a token's hash. That it was used is noted.
pg::Result<bool> is_valid_token(pg::Connection& connection, const std::string& hash);

/// Those of `hashes` that a token has or had, with one statement: whoever guesses may ask for many.
pg::Result<std::vector<std::string>> known_tokens(pg::Connection& connection,
                                                  const std::vector<std::string>& hashes);

/// Makes the first token where there is none, and writes it to `file` (mode 0600, whole or not at
/// all) before it is valid. Whether it did; an error's message is one sentence.
pg::Result<bool> ensure_first_token(pg::Connection& connection, const std::string& file);

/// A new token: 256 random bits.
std::string new_token();

/// What is known of a token. Neither it nor its hash.
struct TokenRecord {
  std::int64_t token_id = 0;
  std::string name;
  std::string created_at;
  std::optional<std::string> last_used_at;  ///< to the minute
  std::optional<std::string> revoked_at;
};
pg::Result<TokenRecord> insert_token(pg::Connection& connection, const std::string& name,
                                     const std::string& hash);
/// By token_id, the revoked ones too; `page.after` is a token_id.
pg::Result<std::vector<TokenRecord>> list_tokens(pg::Connection& connection, const Page& page);

struct Revocation {
  enum class Outcome : std::uint8_t {
    revoked,
    unknown,
    last,   ///< nobody could ask any more, so it stays valid
    spared  ///< it is `spare`
  };
  Outcome outcome = Outcome::unknown;
  TokenRecord token;
};
/// One that was revoked before stays so. `spare`: the hash of one that is not to be revoked.
pg::Result<Revocation> revoke_token(pg::Connection& connection, std::int64_t token_id,
                                    const std::optional<std::string>& spare);

}  // namespace xgate::store
