// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "pg/connection.hpp"
#include "service/config/config.hpp"
#include "service/flows/key_rotation.hpp"
#include "service/ingest/received.hpp"
#include "service/observe/metrics.hpp"

namespace xgate::ingest {

flows::KeyUpdatePolicy key_update_policy(const config::Settings& settings);

/// KEY-1: takes the keys that are due now, in the caller's transaction, as Command 3 messages of
/// QoS 1 to be sent after its commit.
pg::Result<Outbound> take_key_updates(pg::Connection& connection, const std::string& broker,
                                      const flows::KeyUpdatePolicy& policy, std::int64_t now_ms,
                                      observe::Metrics& metrics);

/// KEY-1's reading: new keys for devices that stayed connected while theirs expired in (from, to].
pg::Result<void> replace_expired_keys(pg::Connection& connection, const std::string& broker,
                                      std::int64_t from_ms, std::int64_t to_ms,
                                      observe::Metrics& metrics);

}  // namespace xgate::ingest
