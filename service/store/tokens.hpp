// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pg/connection.hpp"
#include "service/store/registry.hpp"
#include "service/store/scope.hpp"

namespace xgate::store {

/// SHA-256, 32 bytes. Made here and not by the database, whose log may hold parameters.
std::string token_hash(std::string_view token);

/// Each may do what those before it may.
enum class Role : std::uint8_t { read, operate, admin };
std::string_view to_string(Role role) noexcept;
std::optional<Role> role_from(std::string_view text) noexcept;

/// What may be done with a token. Its API's caller, once it is looked up.
struct TokenGrant {
  std::int64_t token_id = 0;  ///< 0: nobody has shown a token
  std::string name;
  Role role = Role::read;
  Scope scope;
  std::optional<std::string> expired_at;  ///< set where it has expired
};
/// The token of this hash; nothing where there is none or it was revoked. Looking a hash up takes
/// the same time whatever part of it a guess got right, for nobody can choose a token's hash. That
/// it was used is noted.
pg::Result<std::optional<TokenGrant>> find_grant(pg::Connection& connection,
                                                 const std::string& hash);

/// Those of `hashes` that a token has or had, with one statement: whoever guesses may ask for many.
pg::Result<std::vector<std::string>> known_tokens(pg::Connection& connection,
                                                  const std::vector<std::string>& hashes);

/// Makes the first token, an admin's of the whole platform, where none of that kind is valid, and
/// writes it to `file` (mode 0600, whole or not at all) before it is valid. Whether it did; an
/// error's message is one sentence.
pg::Result<bool> ensure_first_token(pg::Connection& connection, const std::string& file);

/// A new token: 256 random bits.
std::string new_token();

/// What is known of a token. Neither it nor its hash.
struct TokenRecord {
  std::int64_t token_id = 0;
  std::string name;
  Role role = Role::read;
  Scope scope;
  std::string created_at;
  std::optional<std::string> expires_at;
  std::optional<std::string> last_used_at;  ///< to the minute
  std::optional<std::string> revoked_at;
};
struct NewToken {
  std::string name;
  std::string hash;
  Role role = Role::read;
  Scope scope = {};
  std::optional<std::int64_t> expires_at_ms = {};  ///< unset: never
};
pg::Result<TokenRecord> insert_token(pg::Connection& connection, const NewToken& token);
/// By token_id, the revoked ones too; `page.after` is a token_id.
pg::Result<std::vector<TokenRecord>> list_tokens(pg::Connection& connection, const Page& page);

struct Revocation {
  enum class Outcome : std::uint8_t {
    revoked,
    unknown,
    last,   ///< there would be no valid admin's of the whole platform, so it stays valid
    spared  ///< it is `spare`
  };
  Outcome outcome = Outcome::unknown;
  bool now = false;  ///< it was valid, or expired, before
  TokenRecord token = {};
};
/// One that was revoked before stays as it is. `spare`: the hash of one that is not to be revoked.
pg::Result<Revocation> revoke_token(pg::Connection& connection, std::int64_t token_id,
                                    const std::optional<std::string>& spare);

}  // namespace xgate::store
