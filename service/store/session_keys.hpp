// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pg/connection.hpp"
#include "protocol/explain_payload.hpp"
#include "service/store/rows.hpp"

namespace xgate::store {

pg::Result<void> read_session_keys(pg::Connection& connection,
                                   std::span<const std::int64_t> device_ids, State& state);

/// Stores the keys, in order, and drops what is then too much: of the keys that a device has not
/// used yet only the newest few are kept (every auth request makes one, AUTH-11). Those that
/// Command 3 is to tell get their command; an older key's, if open, is cancelled. Locks the
/// devices.
struct IssuedKeys {
  std::int64_t updates_queued = 0;
  std::int64_t updates_cancelled = 0;
};
pg::Result<IssuedKeys> insert_session_keys(pg::Connection& connection,
                                           std::span<const NewKey> keys);

/// What Command 3 was still to tell these devices: how many commands. With the devices locked.
pg::Result<std::int64_t> cancel_key_updates(pg::Connection& connection,
                                            std::span<const std::int64_t> device_ids,
                                            std::string_view reason);

/// The commands that the first uses among these settle, or are too late for.
pg::Result<std::vector<KeyUpdate>> find_key_updates(pg::Connection& connection,
                                                    std::span<const KeyUse> uses);

/// KEY-2: marks the keys as used, with the reading the device follows, and drops the older ones.
pg::Result<void> use_session_keys(pg::Connection& connection, std::span<const KeyUse> uses);

/// AUTH-11: what a device had is dead.
pg::Result<void> retire_session_keys(pg::Connection& connection, std::int64_t device_id);

/// TRACE-1: of each device the keys that it may use, and the last that it may not use any more,
/// newest first. Only to explain: nothing opens with the latter.
pg::Result<std::map<std::int64_t, std::vector<protocol::KnownSeed>>> read_known_seeds(
    pg::Connection& connection, std::span<const std::int64_t> device_ids);
pg::Result<void> forget_former_session_keys(pg::Connection& connection, std::int64_t before_ms);

/// KEY-1 at a login: the newest key of each device, where it was for Command 3 to tell and is not
/// used yet, gets a new command, unless the one that it has is open with a try left. With the
/// devices locked.
struct Retelling {
  int tries = 0;
  std::int64_t patience_ms = 0;  ///< how long after the key's end the command ends
  std::int64_t now_ms = 0;
};
struct RetoldKeys {
  std::int64_t updates_failed = 0;
  std::int64_t updates_queued = 0;
};
pg::Result<RetoldKeys> retell_session_keys(pg::Connection& connection,
                                           std::span<const std::int64_t> device_ids,
                                           const Retelling& how);

/// Ends the updates whose tries are over, and so is the time after the last; up to 1000, their ids.
pg::Result<std::vector<std::int64_t>> fail_key_updates(pg::Connection& connection, int tries,
                                                       std::int64_t now_ms);

/// KEY-1's reading: devices online at `broker` whose newest key expired in (from, to].
struct ExpiredKey {
  std::int64_t device_id = 0;
  std::int64_t key_lifetime_s = 0;
};
pg::Result<std::vector<ExpiredKey>> expired_keys_of_online(pg::Connection& connection,
                                                           const std::string& broker,
                                                           std::int64_t from_ms,
                                                           std::int64_t to_ms);

}  // namespace xgate::store
