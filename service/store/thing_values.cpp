// SPDX-License-Identifier: Apache-2.0
#include "service/store/thing_values.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "pg/array.hpp"
#include "service/store/columns.hpp"

namespace xgate::store {
namespace {

// Ordered, so that two workers cannot deadlock; the join leaves out devices deleted meanwhile.
constexpr std::string_view upsert_latest = R"(
WITH written AS (
INSERT INTO property AS p (device_id, identifier, value, device_time, received_at)
SELECT device_id, identifier, value, to_timestamp(device_ms::float8 / 1000),
       to_timestamp(received_ms::float8 / 1000)
FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[], $5::text[])
     AS new (device_id, identifier, device_ms, received_ms, value)
JOIN device USING (device_id)
ORDER BY device_id, identifier
ON CONFLICT (device_id, identifier) DO UPDATE SET
  value = excluded.value, device_time = excluded.device_time, received_at = excluded.received_at
WHERE least(excluded.device_time, excluded.received_at) >= least(p.device_time, p.received_at)
RETURNING device_id, xmax = 0 AS is_new)
SELECT DISTINCT device_id FROM written WHERE is_new)";

constexpr std::string_view select_over = R"(
SELECT device_id FROM property WHERE device_id = ANY($1::bigint[])
GROUP BY device_id HAVING count(*) > $2::bigint)";
constexpr std::string_view select_identifiers =
    "SELECT device_id, identifier FROM property WHERE device_id = ANY($1::bigint[])";

// `columns`: what a history has besides; `arrays`: theirs, after the four of the others.
#define INSERT_HISTORY(table, columns, arrays)                                       \
  "INSERT INTO " table " (received_at, device_id, identifier, device_time, " columns \
  ") "                                                                               \
  "SELECT to_timestamp(received_ms::float8 / 1000), device_id, identifier, "         \
  "to_timestamp(device_ms::float8 / 1000), " columns                                 \
  " FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[], " arrays       \
  ") "                                                                               \
  "AS new (device_id, identifier, device_ms, received_ms, " columns ")"

// … unless it is there. LATERAL with LIMIT: an index look-up for each row, never a scan of a day.
// The day comes as a parameter, so that its partitions are known when the statement is planned.
#define UNLESS_KNOWN(table, content, day)                              \
  " LEFT JOIN LATERAL (SELECT true AS known FROM " table               \
  " h "                                                                \
  "WHERE new.device_ms <> new.received_ms "                            \
  "AND h.device_id = new.device_id AND h.identifier = new.identifier " \
  "AND h.device_time = to_timestamp(new.device_ms::float8 / 1000) "    \
  "AND h." content " = new." content                                   \
  " "                                                                  \
  "AND h.received_at >= to_timestamp(" day                             \
  "::bigint / 1000.0) - interval '1 day' "                             \
  "LIMIT 1) there ON true WHERE there.known IS NULL"

#define INSERT_VALUES INSERT_HISTORY("property_history", "value", "$5::text[]")
#define INSERT_EVENTS INSERT_HISTORY("event_history", "type, params", "$5::text[], $6::text[]")
constexpr std::string_view insert_values = INSERT_VALUES;
constexpr std::string_view insert_new_values =
    INSERT_VALUES UNLESS_KNOWN("property_history", "value", "$6");
constexpr std::string_view insert_events = INSERT_EVENTS;
constexpr std::string_view insert_new_events =
    INSERT_EVENTS UNLESS_KNOWN("event_history", "params", "$7");

template <class Row>
bool has_own_time(const Row& row) {
  return row.device_time_ms != row.received_at_ms;
}
const std::string& content_of(const PropertyRow& row) { return row.value; }
const std::string& content_of(const EventRow& row) { return row.params; }

/// The rows to insert: of those that say the same of the same device time, the first.
template <class Row>
std::vector<const Row*> distinct(std::span<const Row> rows) {
  std::set<std::tuple<std::int64_t, std::string_view, std::int64_t, std::string_view>> seen;
  std::vector<const Row*> kept;
  kept.reserve(rows.size());
  for (const Row& row : rows) {
    if (has_own_time(row) &&
        !seen.emplace(row.device_id, row.identifier, row.device_time_ms, content_of(row)).second) {
      continue;
    }
    kept.push_back(&row);
  }
  return kept;
}

/// What both kinds of rows have, as the statements take it; the rest follows.
template <class Row>
std::vector<pg::Param> columns_of(const std::vector<const Row*>& rows) {
  pg::ArrayBuilder device;
  pg::ArrayBuilder identifier;
  pg::ArrayBuilder device_time;
  pg::ArrayBuilder received;
  for (const Row* row : rows) {
    device.add(row->device_id);
    add_text(identifier, std::string_view(row->identifier));
    device_time.add(row->device_time_ms);
    received.add(row->received_at_ms);
  }
  return {device.take(), identifier.take(), device_time.take(), received.take()};
}

template <class Row>
std::string text_column(const std::vector<const Row*>& rows, std::string Row::*member) {
  pg::ArrayBuilder column;
  for (const Row* row : rows) add_text(column, std::string_view(row->*member));
  return column.take();
}

/// The statement that looks for what is there only where a row could be.
template <class Row>
pg::Result<void> insert_history(pg::Connection& connection, const std::vector<const Row*>& rows,
                                std::vector<pg::Param> params, std::string_view all,
                                std::string_view only_new) {
  const bool again = std::ranges::any_of(rows, [](const Row* row) { return has_own_time(*row); });
  if (again) {
    const auto first = std::ranges::min(rows, {}, &Row::received_at_ms)->received_at_ms;
    params.emplace_back(std::to_string(first));
  }
  const auto done = connection.exec(again ? only_new : all, params);
  return done ? pg::Result<void>{} : tl::unexpected(done.error());
}

}  // namespace

pg::Result<std::vector<std::int64_t>> upsert_properties(pg::Connection& connection,
                                                        std::span<const PropertyRow> rows) {
  std::vector<std::int64_t> grown;
  if (rows.empty()) return grown;
  // ON CONFLICT cannot touch a row twice in one statement.
  const auto rank = [](const PropertyRow& row) {
    return std::min(row.device_time_ms, row.received_at_ms);
  };
  std::map<std::pair<std::int64_t, std::string_view>, const PropertyRow*> latest;
  for (const PropertyRow& row : rows) {
    const auto [place, is_new] =
        latest.try_emplace({row.device_id, std::string_view(row.identifier)}, &row);
    if (!is_new && rank(row) >= rank(*place->second)) place->second = &row;
  }
  std::vector<const PropertyRow*> kept;
  kept.reserve(latest.size());
  for (const auto& [key, row] : latest) kept.push_back(row);
  auto params = columns_of(kept);
  params.emplace_back(text_column(kept, &PropertyRow::value));
  const auto written = connection.exec(upsert_latest, params);
  if (!written) return tl::unexpected(written.error());
  for (int i = 0; i < written->size(); ++i) grown.push_back(written->int64(i, 0));
  return grown;
}

pg::Result<std::vector<std::int64_t>> devices_with_more_properties(
    pg::Connection& connection, std::span<const std::int64_t> device_ids, std::int64_t most) {
  std::vector<std::int64_t> over;
  if (device_ids.empty()) return over;
  pg::ArrayBuilder ids;
  for (const auto id : device_ids) ids.add(id);
  const auto rows = connection.exec(select_over, {ids.take(), std::to_string(most)});
  if (!rows) return tl::unexpected(rows.error());
  for (int i = 0; i < rows->size(); ++i) over.push_back(rows->int64(i, 0));
  return over;
}

pg::Result<std::map<std::int64_t, Identifiers>> read_identifiers(
    pg::Connection& connection, std::span<const std::int64_t> device_ids) {
  std::map<std::int64_t, Identifiers> all;
  if (device_ids.empty()) return all;
  pg::ArrayBuilder ids;
  for (const auto id : device_ids) {
    ids.add(id);
    all.emplace(id, Identifiers{});
  }
  const auto rows = connection.exec(select_identifiers, {ids.take()});
  if (!rows) return tl::unexpected(rows.error());
  for (int i = 0; i < rows->size(); ++i) {
    all[rows->int64(i, 0)].emplace(rows->text(i, 1));
  }
  return all;
}

pg::Result<void> insert_property_history(pg::Connection& connection,
                                         std::span<const PropertyRow> rows) {
  if (rows.empty()) return {};
  const auto kept = distinct(rows);
  auto params = columns_of(kept);
  params.emplace_back(text_column(kept, &PropertyRow::value));
  return insert_history(connection, kept, std::move(params), insert_values, insert_new_values);
}

pg::Result<void> insert_event_history(pg::Connection& connection, std::span<const EventRow> rows) {
  if (rows.empty()) return {};
  const auto kept = distinct(rows);
  auto params = columns_of(kept);
  params.emplace_back(text_column(kept, &EventRow::type));
  params.emplace_back(text_column(kept, &EventRow::params));
  return insert_history(connection, kept, std::move(params), insert_events, insert_new_events);
}

}  // namespace xgate::store
