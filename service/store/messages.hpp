// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "pg/connection.hpp"
#include "service/store/rows.hpp"

namespace xgate::store {

pg::Result<void> insert_messages(pg::Connection& connection, std::span<const MessageRow> rows);
pg::Result<void> insert_refusals(pg::Connection& connection, std::span<const RefusalRow> rows);

/// FW-1. Of several reports of one module the last counts.
pg::Result<void> upsert_firmware(pg::Connection& connection, std::span<const FirmwareRow> rows);

/// How long what devices said is kept, and what they measured.
struct Retention {
  int messages_days = 30;  ///< messages and refusals
  int history_days = 365;  ///< property and event history
};
/// Makes the day partitions from yesterday to a week ahead.
pg::Result<void> make_partitions(pg::Connection& connection);
/// The same, and drops the older ones. False: first `most_ticks` of the ticks of their time went,
/// and there may be more; call again.
pg::Result<bool> maintain_partitions(pg::Connection& connection, const Retention& retention,
                                     std::int64_t most_ticks = 100'000);

}  // namespace xgate::store
