// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "pg/connection.hpp"
#include "service/ingest/tally.hpp"
#include "service/store/rows.hpp"

namespace xgate::ingest {

/// Inside a transaction.
pg::Result<void> store_new_keys(pg::Connection& connection, std::span<const store::NewKey> keys,
                                Tally& tally);

}  // namespace xgate::ingest
