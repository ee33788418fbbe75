// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>

#include "pg/connection.hpp"
#include "service/store/rows.hpp"

namespace xgate::store {

/// Locks and reads what is known of these devices; one that was never online has no row, and gets
/// an empty Presence here. A device that does not exist is left out.
pg::Result<std::map<std::int64_t, Presence>> read_presence(pg::Connection& connection,
                                                           std::span<const std::int64_t> devices);
pg::Result<void> write_presence(pg::Connection& connection, std::span<const Presence* const> rows);

/// How many devices are online at it.
pg::Result<std::int64_t> count_online(pg::Connection& connection, const std::string& broker);

/// The broker's life that was last heard of; empty where none was.
pg::Result<std::string> broker_epoch(pg::Connection& connection, const std::string& broker);
/// A broker in a new life: whoever is still online under another epoch of it is offline. How many.
pg::Result<std::int64_t> begin_epoch(pg::Connection& connection, const std::string& broker,
                                     const std::string& epoch, std::int64_t started_ms);
pg::Result<void> broker_seen(pg::Connection& connection, const std::string& broker);

/// The broker has listed its live sessions up to a number: the others are over.
struct LiveList {
  std::string broker;
  std::string epoch;
  std::int64_t up_to_session = 0;
  std::span<const std::int64_t> sessions;
};
pg::Result<std::int64_t> end_unlisted_sessions(pg::Connection& connection, const LiveList& live,
                                               std::int64_t now_ms);

}  // namespace xgate::store
