// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pg/connection.hpp"
#include "service/store/registry.hpp"

// What devices reported by their thing models, as the API reads it. Times are RFC 3339 UTC.
namespace xgate::store {

pg::Result<std::optional<std::int64_t>> find_device_id(pg::Connection& connection,
                                                       const std::string& product_id,
                                                       const std::string& node_eui);

struct LatestProperty {
  std::string identifier;
  std::string value;  ///< JSON text
  std::string device_time;
  std::string received_at;
};
/// By identifier.
pg::Result<std::vector<LatestProperty>> list_properties(pg::Connection& connection,
                                                        std::int64_t device_id, const Page& page);

/// Whether the device ever reported it.
pg::Result<bool> has_property(pg::Connection& connection, std::int64_t device_id,
                              const std::string& identifier);

/// A place in a history: what comes after it is older.
struct HistoryPlace {
  std::int64_t device_time_ms = 0;
  std::int64_t sequence = 0;
};

struct HistoryQuery {
  std::int64_t device_id = 0;
  std::string identifier;               ///< of events, empty: all
  std::string type;                     ///< of events, empty: all
  std::optional<std::int64_t> from_ms;  ///< device time, inclusive
  std::optional<std::int64_t> to_ms;    ///< device time, exclusive
  std::optional<HistoryPlace> after;
  int limit = 100;
};

struct HistoryRecord {
  HistoryPlace place;
  std::string identifier;
  std::string type;   ///< of events
  std::string value;  ///< JSON text; of events the parameters
  std::string device_time;
  std::string received_at;
};
/// By device time, newest first. A page ends before `limit` once its values together have reached
/// page_bytes (message_log.hpp).
pg::Result<std::vector<HistoryRecord>> read_property_history(pg::Connection& connection,
                                                             const HistoryQuery& query);
pg::Result<std::vector<HistoryRecord>> read_event_history(pg::Connection& connection,
                                                          const HistoryQuery& query);

}  // namespace xgate::store
