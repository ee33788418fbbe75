// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "pg/connection.hpp"
#include "service/store/rows.hpp"

// What devices report by their thing models, as the pipeline writes it.
namespace xgate::store {

/// The latest value of each property: that of the latest device time, of equal ones the last to
/// come. A device's clock that is ahead counts as the time of receiving, so that a live report is
/// never taken for older than one from the future.
pg::Result<void> upsert_properties(pg::Connection& connection, std::span<const PropertyRow> rows);

/// Every value and every event. A row under a time of the device's own (HIST-1) that is there
/// already is not stored twice: devices send history again until it is acked. Looked for among what
/// was received in the last day.
pg::Result<void> insert_property_history(pg::Connection& connection,
                                         std::span<const PropertyRow> rows);
pg::Result<void> insert_event_history(pg::Connection& connection, std::span<const EventRow> rows);

}  // namespace xgate::store
