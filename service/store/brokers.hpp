// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pg/connection.hpp"

// What every broker's plugin is told, and asked, over the channel by which it hears of changes.
namespace xgate::store {

/// Where a change has taken effect: nowhere but in the database; with every login from then on; or
/// with those who are logged in, too, who are thrown out where they may not stay.
enum class Effect : std::uint8_t { none, logins, sessions };

/// On it comes "ID BROKER" of each broker that a barrier has reached.
inline constexpr const char* confirmations_channel = "xgate_confirmed";
/// Of a broker's id, as these statements give it: PostgreSQL keeps no more of it in the name of the
/// plugin's connection.
inline constexpr std::size_t broker_name_size = 50;

/// Notifications come in the order of commits: a plugin that meets this one has heard of all that
/// was committed before. The brokers that are to confirm it: those whose plugin listens, and those
/// that a service has been connected to in the last ten seconds.
pg::Result<std::vector<std::string>> send_barrier(pg::Connection& connection, std::int64_t id,
                                                  Effect effect);

/// Ends a device's live sessions, wherever they are.
pg::Result<void> kick_device(pg::Connection& connection, const std::string& product_id,
                             const std::string& node_eui);
/// V2-6: no failed login is held against it any more.
pg::Result<void> unlock_device(pg::Connection& connection, const std::string& product_id,
                               const std::string& node_eui);

}  // namespace xgate::store
