// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "pg/connection.hpp"
#include "service/store/rows.hpp"

// What devices report by their thing models, as the pipeline writes it.
namespace xgate::store {

/// The latest value of each property: that of the latest device time, of equal ones the last to
/// come. A device's clock that is ahead counts as the time of receiving, so that a live report is
/// never taken for older than one from the future. Returns the devices that have an identifier more
/// than before.
pg::Result<std::vector<std::int64_t>> upsert_properties(pg::Connection& connection,
                                                        std::span<const PropertyRow> rows);

/// Which of these devices have more than `most` identifiers of properties.
pg::Result<std::vector<std::int64_t>> devices_with_more_properties(
    pg::Connection& connection, std::span<const std::int64_t> device_ids, std::int64_t most);

using Identifiers = std::set<std::string, std::less<>>;
/// Those that each of these devices has reported; an entry for every one.
pg::Result<std::map<std::int64_t, Identifiers>> read_identifiers(
    pg::Connection& connection, std::span<const std::int64_t> device_ids);

/// Every value and every event. A row under a time of the device's own (HIST-1) that is there
/// already is not stored twice: devices send history again until it is acked. Looked for among what
/// was received in the last day.
pg::Result<void> insert_property_history(pg::Connection& connection,
                                         std::span<const PropertyRow> rows);
pg::Result<void> insert_event_history(pg::Connection& connection, std::span<const EventRow> rows);

}  // namespace xgate::store
