// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "pg/connection.hpp"

namespace xgate::store {

/// SHA-256, 32 bytes. Made here and not by the database, whose log may hold parameters.
std::string token_hash(std::string_view token);

/// Whether a token of this hash is valid. Looking a hash up takes the same time whatever part of
/// it a guess got right, for nobody can choose a token's hash.
pg::Result<bool> is_valid_token(pg::Connection& connection, const std::string& hash);

/// Makes the first token where there is none, and writes it to `file` (mode 0600, whole or not at
/// all) before it is valid. Whether it did; an error's message is one sentence.
pg::Result<bool> ensure_first_token(pg::Connection& connection, const std::string& file);

}  // namespace xgate::store
