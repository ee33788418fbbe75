// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "pg/connection.hpp"
#include "service/observe/metrics.hpp"
#include "service/store/rows.hpp"

namespace xgate::ingest {

/// Stores the keys with what follows for Command 3, and counts both.
pg::Result<void> store_new_keys(pg::Connection& connection, std::span<const store::NewKey> keys,
                                observe::Metrics& metrics);

}  // namespace xgate::ingest
