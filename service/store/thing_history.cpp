// SPDX-License-Identifier: Apache-2.0
#include "service/store/thing_history.hpp"

#include <limits>
#include <utility>

#include "service/store/message_log.hpp"
#include "service/store/rfc3339.hpp"

namespace xgate::store {
namespace {

constexpr auto find_id_sql = "SELECT device_id FROM device WHERE product_id = $1 AND node_eui = $2";
constexpr auto properties_sql =
    "SELECT identifier, value, " XGATE_RFC3339("device_time") ", " XGATE_RFC3339("received_at")
    " FROM property WHERE device_id = $1 AND identifier > $2 ORDER BY identifier LIMIT $3";

constexpr auto has_property_sql = "SELECT 1 FROM property WHERE device_id = $1 AND identifier = $2";

// A device's time is at most a day ahead of the time of receiving (HIST-1): partitions before the
// day before `from` hold nothing that is asked for. The inner SELECT finds rows and sizes without
// reading the large values.
#define HISTORY(table, value, type, condition)                                                \
  "SELECT (extract(epoch FROM device_time) * 1000)::bigint, sequence, identifier, " type      \
  ", " value ", " XGATE_RFC3339("device_time") ", " XGATE_RFC3339(                            \
      "received_at") " FROM (SELECT *, sum(octet_length(" value                               \
                     ")) OVER (ORDER BY device_time DESC, sequence DESC)"                     \
                     " - octet_length(" value ") AS bytes_before FROM (SELECT * FROM " table  \
                     " WHERE device_id = $1 AND " condition                                   \
                     " AND device_time >= to_timestamp($4::float8 / 1000)"                    \
                     " AND device_time < to_timestamp($5::float8 / 1000)"                     \
                     " AND received_at >= to_timestamp($4::float8 / 1000) - interval '1 day'" \
                     " AND (device_time, sequence) < (to_timestamp($6::float8 / 1000), "      \
                     "$7::bigint)"                                                            \
                     " ORDER BY device_time DESC, sequence DESC LIMIT $8) page) sized"        \
                     " WHERE bytes_before < $9 ORDER BY device_time DESC, sequence DESC"

constexpr auto property_history_sql =
    HISTORY("property_history", "value", "''", "identifier = $2 AND $3 = ''");
// Each its own index.
constexpr auto event_history_sql =
    HISTORY("event_history", "params", "type", "identifier = $2 AND ($3 = '' OR type = $3)");
constexpr auto all_events_sql =
    HISTORY("event_history", "params", "type", "$2 = '' AND ($3 = '' OR type = $3)");

pg::Result<std::vector<HistoryRecord>> read(pg::Connection& connection, std::string_view sql,
                                            const HistoryQuery& query) {
  const auto bound = [](const std::optional<std::int64_t>& ms, const char* otherwise) {
    return ms ? std::to_string(*ms) : std::string(otherwise);
  };
  const std::string after =
      query.after ? std::to_string(query.after->device_time_ms) : std::string("infinity");
  const auto sequence =
      query.after ? query.after->sequence : std::numeric_limits<std::int64_t>::max();
  auto rows = connection.exec(
      sql, {std::to_string(query.device_id), query.identifier, query.type,
            bound(query.from_ms, "-infinity"), bound(query.to_ms, "infinity"), after,
            std::to_string(sequence), std::to_string(query.limit), std::to_string(page_bytes)});
  if (!rows) return tl::unexpected(std::move(rows).error());
  std::vector<HistoryRecord> records;
  records.reserve(static_cast<std::size_t>(rows->size()));
  for (int i = 0; i < rows->size(); ++i) {
    const auto text = [&](int column) { return std::string(rows->text(i, column)); };
    records.push_back(
        {{rows->int64(i, 0), rows->int64(i, 1)}, text(2), text(3), text(4), text(5), text(6)});
  }
  return records;
}

}  // namespace

pg::Result<std::optional<std::int64_t>> find_device_id(pg::Connection& connection,
                                                       const std::string& product_id,
                                                       const std::string& node_eui) {
  const auto rows = connection.exec(find_id_sql, {product_id, node_eui});
  if (!rows) return tl::unexpected(rows.error());
  if (rows->size() == 0) return std::nullopt;
  return rows->int64(0, 0);
}

pg::Result<std::vector<LatestProperty>> list_properties(pg::Connection& connection,
                                                        std::int64_t device_id, const Page& page) {
  const auto rows = connection.exec(
      properties_sql, {std::to_string(device_id), page.after, std::to_string(page.limit)});
  if (!rows) return tl::unexpected(rows.error());
  std::vector<LatestProperty> properties;
  properties.reserve(static_cast<std::size_t>(rows->size()));
  for (int i = 0; i < rows->size(); ++i) {
    properties.push_back({std::string(rows->text(i, 0)), std::string(rows->text(i, 1)),
                          std::string(rows->text(i, 2)), std::string(rows->text(i, 3))});
  }
  return properties;
}

pg::Result<bool> has_property(pg::Connection& connection, std::int64_t device_id,
                              const std::string& identifier) {
  const auto rows = connection.exec(has_property_sql, {std::to_string(device_id), identifier});
  if (!rows) return tl::unexpected(rows.error());
  return rows->size() > 0;
}

pg::Result<std::vector<HistoryRecord>> read_property_history(pg::Connection& connection,
                                                             const HistoryQuery& query) {
  return read(connection, property_history_sql, query);
}

pg::Result<std::vector<HistoryRecord>> read_event_history(pg::Connection& connection,
                                                          const HistoryQuery& query) {
  return read(connection, query.identifier.empty() ? all_events_sql : event_history_sql, query);
}

}  // namespace xgate::store
