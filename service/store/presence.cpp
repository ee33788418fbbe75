// SPDX-License-Identifier: Apache-2.0
#include "service/store/presence.hpp"

#include <array>
#include <utility>

#include "pg/array.hpp"
#include "service/store/columns.hpp"

namespace xgate::store {
namespace {

// The device's row is locked, not presence's, which may not exist yet: two services that tell of
// the same device wait for each other, in the order of the ids.
constexpr std::string_view select_presence = R"(
WITH locked AS (
  SELECT device_id FROM device WHERE device_id = ANY($1::bigint[])
  ORDER BY device_id FOR NO KEY UPDATE)
SELECT device_id FROM locked)";

constexpr std::string_view select_known = R"(
SELECT device_id, online, broker, epoch, session, client_id, address,
       (extract(epoch FROM activated_at) * 1000)::bigint,
       (extract(epoch FROM online_at) * 1000)::bigint,
       (extract(epoch FROM offline_at) * 1000)::bigint, last_type1_timestamp, type1_used, listens
FROM presence WHERE device_id = ANY($1::bigint[]))";

constexpr std::string_view upsert_presence = R"(
INSERT INTO presence AS p (device_id, online, broker, epoch, session, client_id, address,
                           activated_at, online_at, offline_at, last_type1_timestamp, type1_used,
                           listens)
SELECT device_id, online, broker, epoch, session, client_id, address,
       to_timestamp(activated_ms / 1000.0), to_timestamp(online_ms / 1000.0),
       to_timestamp(offline_ms / 1000.0), type1, used, listens
FROM unnest($1::bigint[], $2::boolean[], $3::text[], $4::text[], $5::bigint[], $6::text[],
            $7::text[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[],
            $13::text[])
     AS new (device_id, online, broker, epoch, session, client_id, address, activated_ms, online_ms,
             offline_ms, type1, used, listens)
ON CONFLICT (device_id) DO UPDATE SET
  online = excluded.online, broker = excluded.broker, epoch = excluded.epoch,
  session = excluded.session, client_id = excluded.client_id, address = excluded.address,
  activated_at = excluded.activated_at, online_at = excluded.online_at,
  offline_at = excluded.offline_at, last_type1_timestamp = excluded.last_type1_timestamp,
  type1_used = excluded.type1_used,
  listens = excluded.listens)";

constexpr std::string_view select_epoch = "SELECT epoch FROM broker WHERE broker = $1";

constexpr std::string_view upsert_broker = R"(
INSERT INTO broker (broker, epoch, epoch_started_at) VALUES ($1, $2, to_timestamp($3::bigint / 1000.0))
ON CONFLICT (broker) DO UPDATE SET
  epoch = excluded.epoch, epoch_started_at = excluded.epoch_started_at, seen_at = now())";

constexpr std::string_view touch_broker = "UPDATE broker SET seen_at = now() WHERE broker = $1";

// A broker that stopped told no ends. When it died is unknown; that it was dead when it started
// again is not.
constexpr std::string_view end_other_epochs = R"(
UPDATE presence SET online = false,
       offline_at = greatest(online_at, to_timestamp($3::bigint / 1000.0))
WHERE online AND broker = $1 AND epoch <> $2)";

constexpr std::string_view end_unlisted = R"(
UPDATE presence p SET online = false,
       offline_at = greatest(online_at, to_timestamp($5::bigint / 1000.0))
WHERE p.online AND p.broker = $1 AND p.epoch = $2 AND p.session <= $3::bigint
  AND NOT EXISTS (SELECT 1 FROM unnest($4::bigint[]) AS live (session)
                  WHERE live.session = p.session))";

std::optional<std::int64_t> optional_int64(const pg::Rows& rows, int row, int column) {
  return rows.is_null(row, column) ? std::nullopt : std::optional(rows.int64(row, column));
}

Presence presence_of(const pg::Rows& rows, int i) {
  return Presence{
      .device_id = rows.int64(i, 0),
      .online = rows.boolean(i, 1),
      .broker = std::string(rows.text(i, 2)),
      .epoch = std::string(rows.text(i, 3)),
      .session = rows.int64(i, 4),
      .client_id = std::string(rows.text(i, 5)),
      .address = std::string(rows.text(i, 6)),
      .activated_at_ms = optional_int64(rows, i, 7),
      .online_at_ms = optional_int64(rows, i, 8),
      .offline_at_ms = optional_int64(rows, i, 9),
      .used = {rows.int64(i, 10), static_cast<std::uint64_t>(rows.int64(i, 11))},
      .listens = std::string(rows.text(i, 12)),
  };
}

}  // namespace

pg::Result<std::map<std::int64_t, Presence>> read_presence(pg::Connection& connection,
                                                           std::span<const std::int64_t> devices) {
  std::map<std::int64_t, Presence> known;
  if (devices.empty()) {
    return known;
  }
  const std::string ids = id_array(devices);
  const auto locked = connection.exec(select_presence, {ids});
  if (!locked) {
    return tl::unexpected(locked.error());
  }
  for (int i = 0; i < locked->size(); ++i) {
    const std::int64_t id = locked->int64(i, 0);
    known[id].device_id = id;
  }
  // A statement of its own: it sees what was committed while the first one waited.
  const auto rows = connection.exec(select_known, {ids});
  if (!rows) {
    return tl::unexpected(rows.error());
  }
  for (int i = 0; i < rows->size(); ++i) {
    known[rows->int64(i, 0)] = presence_of(*rows, i);
  }
  return known;
}

pg::Result<void> write_presence(pg::Connection& connection, std::span<const Presence* const> rows) {
  if (rows.empty()) {
    return {};
  }
  enum : std::size_t {
    device,
    online,
    broker,
    epoch,
    session,
    client,
    address,
    activated,
    online_at,
    offline_at,
    type1,
    used,
    listens,
    count
  };
  std::array<pg::ArrayBuilder, count> column;
  for (const Presence* row : rows) {
    column[device].add(row->device_id);
    column[online].add(row->online);
    add_text(column[broker], std::string_view(row->broker));
    add_text(column[epoch], std::string_view(row->epoch));
    column[session].add(row->session);
    add_text(column[client], std::string_view(row->client_id));
    add_text(column[address], std::string_view(row->address));
    add_number(column[activated], row->activated_at_ms);
    add_number(column[online_at], row->online_at_ms);
    add_number(column[offline_at], row->offline_at_ms);
    column[type1].add(row->used.newest);
    column[used].add(static_cast<std::int64_t>(row->used.before_newest));
    column[listens].add(row->listens);
  }
  std::array<pg::Param, count> params;
  for (std::size_t i = 0; i < count; ++i) {
    params[i] = column[i].take();
  }
  const auto done = connection.exec(upsert_presence, params);
  if (!done) {
    return tl::unexpected(done.error());
  }
  return {};
}

pg::Result<std::string> broker_epoch(pg::Connection& connection, const std::string& broker) {
  const auto rows = connection.exec(select_epoch, {broker});
  if (!rows) {
    return tl::unexpected(rows.error());
  }
  return rows->size() == 0 ? std::string() : std::string(rows->text(0, 0));
}

pg::Result<std::int64_t> begin_epoch(pg::Connection& connection, const std::string& broker,
                                     const std::string& epoch, std::int64_t started_ms) {
  const auto known = connection.exec(upsert_broker, {broker, epoch, std::to_string(started_ms)});
  if (!known) {
    return tl::unexpected(known.error());
  }
  const auto ended = connection.exec(end_other_epochs, {broker, epoch, std::to_string(started_ms)});
  if (!ended) {
    return tl::unexpected(ended.error());
  }
  return ended->affected();
}

pg::Result<std::int64_t> count_online(pg::Connection& connection, const std::string& broker) {
  const auto rows =
      connection.exec("SELECT count(*) FROM presence WHERE broker = $1 AND online", {broker});
  if (!rows) {
    return tl::unexpected(rows.error());
  }
  return rows->int64(0, 0);
}

pg::Result<void> broker_seen(pg::Connection& connection, const std::string& broker) {
  const auto done = connection.exec(touch_broker, {broker});
  if (!done) {
    return tl::unexpected(done.error());
  }
  return {};
}

pg::Result<std::int64_t> end_unlisted_sessions(pg::Connection& connection, const LiveList& live,
                                               std::int64_t now_ms) {
  const auto done =
      connection.exec(end_unlisted, {live.broker, live.epoch, std::to_string(live.up_to_session),
                                     id_array(live.sessions), std::to_string(now_ms)});
  if (!done) {
    return tl::unexpected(done.error());
  }
  return done->affected();
}

}  // namespace xgate::store
