// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "pg/connection.hpp"

namespace xgate::store {

/// What of the database's settings lets it lose what it has committed: "fsync is off"; empty:
/// nothing does. FRAME-6 rests on that.
pg::Result<std::string> find_unsafe_settings(pg::Connection& connection);

/// An error whose sentence says what to do where it may lose what it committed. `allow_unsafe`:
/// that is only logged.
pg::Result<void> check_durability(pg::Connection& connection, bool allow_unsafe);

/// The same where the empty text is a valid API token.
pg::Result<void> check_tokens(pg::Connection& connection);

}  // namespace xgate::store
