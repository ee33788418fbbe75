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

/// Makes the day partitions from yesterday to a week ahead, and drops those older than
/// `retention_days`.
pg::Result<void> maintain_partitions(pg::Connection& connection, int retention_days);

}  // namespace xgate::store
