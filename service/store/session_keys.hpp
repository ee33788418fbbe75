// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "pg/connection.hpp"
#include "service/store/rows.hpp"

namespace xgate::store {

pg::Result<void> read_session_keys(pg::Connection& connection,
                                   std::span<const std::int64_t> device_ids, State& state);

/// Stores the keys, in order, and drops what is then too much: of the keys that a device has not
/// used yet only the newest few are kept (every auth request makes one, AUTH-11).
pg::Result<void> insert_session_keys(pg::Connection& connection, std::span<const NewKey> keys);

/// KEY-2: marks the keys as used, with the reading the device follows, and drops the older ones.
pg::Result<void> use_session_keys(pg::Connection& connection, std::span<const KeyUse> uses);

/// KEY-1: three more tries for the newest key of each device; the first when `next_try_at_ms`.
pg::Result<void> rearm_session_keys(pg::Connection& connection,
                                    std::span<const std::int64_t> device_ids,
                                    std::int64_t next_try_at_ms);
/// The keys that these devices wait for are due now: they listen.
pg::Result<void> hasten_session_keys(pg::Connection& connection,
                                     std::span<const std::int64_t> device_ids, std::int64_t now_ms);

/// Takes the keys whose Command 3 is due for devices online at `broker`, counting the try. After
/// `retry_s` runs out, or the tries, a key is not due again until the next login.
struct DuePolicy {
  int tries = 3;
  std::span<const std::int64_t> retry_s;
};
pg::Result<std::vector<DueKey>> take_due_keys(pg::Connection& connection, const std::string& broker,
                                              const DuePolicy& policy, std::int64_t now_ms);

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
