// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "pg/connection.hpp"

// One service consumes a broker. The lease keeps two that live from fetching each other's messages;
// the fence keeps one that does not know yet that it has lost the lease from writing.
namespace xgate::store {

/// Takes the right to consume a broker, kept as long as this connection lives: two services on one
/// stored session would steal each other's messages. False: another service holds it.
pg::Result<bool> try_lease(pg::Connection& connection, const std::string& broker);

/// For the lease's holder: the number to write under from now on. The one it `had` (0: none), where
/// nobody had the broker in between; a new one after every transaction under an older one has
/// ended, or an error with SQLSTATE 55P03 where that takes more than some seconds.
pg::Result<std::int64_t> raise_fence(pg::Connection& connection, const std::string& broker,
                                     std::int64_t had);
/// The number under which the broker is consumed; 0: it never was.
pg::Result<std::int64_t> read_fence(pg::Connection& connection, const std::string& broker);

/// The guard of a consumer's connection: its transactions fail where another number stands.
std::string fence_guard(const std::string& broker, std::int64_t number);
/// That is what failed: another service has the broker, and nothing was written.
bool is_fenced_off(const pg::Error& error) noexcept;

}  // namespace xgate::store
