// SPDX-License-Identifier: Apache-2.0
#pragma once

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
/// Makes the day partitions from yesterday to a week ahead, and drops the older ones.
pg::Result<void> maintain_partitions(pg::Connection& connection, const Retention& retention);

}  // namespace xgate::store
