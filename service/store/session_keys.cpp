// SPDX-License-Identifier: Apache-2.0
#include "service/store/session_keys.hpp"

#include <utility>

#include "pg/array.hpp"
#include "service/store/columns.hpp"
#include "service/store/statement.hpp"

namespace xgate::store {
namespace {

// tries or next_try_at tell the keys of Command 3 from those of an auth reply.
constexpr std::string_view select_keys = R"(
SELECT device_id, session_key_id, session_id, nonce, key_reading,
       (extract(epoch FROM expires_at) * 1000)::bigint, used_at IS NOT NULL,
       tries > 0 OR next_try_at IS NOT NULL, tries > 0,
       (extract(epoch FROM issued_at) * 1000)::bigint
FROM session_key
WHERE device_id = ANY($1::bigint[])
ORDER BY device_id, session_key_id DESC)";

// Whatever Command 3 was still to tell these devices is older than what they are about to be told.
constexpr std::string_view disarm_older = R"(
UPDATE session_key SET next_try_at = NULL
WHERE device_id = ANY($1::bigint[]) AND next_try_at IS NOT NULL)";

// The join leaves out devices that were deleted meanwhile. In the order given: a higher number is a
// newer key.
constexpr std::string_view insert_keys = R"(
INSERT INTO session_key (device_id, session_id, nonce, issued_at, expires_at, next_try_at)
SELECT device_id, session_id, nonce, to_timestamp(issued_ms / 1000.0),
       to_timestamp(expires_ms / 1000.0), to_timestamp(next_try_ms / 1000.0)
FROM unnest($1::bigint[], $2::text[], $3::int[], $4::bigint[], $5::bigint[], $6::bigint[])
     WITH ORDINALITY
     AS new (device_id, session_id, nonce, issued_ms, expires_ms, next_try_ms, place)
JOIN device USING (device_id)
ORDER BY place)";

// Not the used ones: a stranger with the ProductKey may ask for keys as often as he likes, and the
// key that the device works with must survive that.
constexpr std::string_view prune_keys = R"(
DELETE FROM session_key k
USING (SELECT session_key_id,
              row_number() OVER (PARTITION BY device_id ORDER BY session_key_id DESC) AS age
       FROM session_key
       WHERE device_id = ANY($1::bigint[]) AND used_at IS NULL) ranked
WHERE k.session_key_id = ranked.session_key_id AND ranked.age > 4)";

constexpr std::string_view mark_used = R"(
UPDATE session_key k
SET used_at = coalesce(k.used_at, to_timestamp(used.used_ms / 1000.0)), key_reading = used.reading,
    next_try_at = NULL
FROM unnest($1::bigint[], $2::bigint[], $3::text[])
     AS used (session_key_id, used_ms, reading)
WHERE k.session_key_id = used.session_key_id)";

constexpr std::string_view delete_older = R"(
DELETE FROM session_key k
USING unnest($1::bigint[], $2::bigint[]) AS used (device_id, session_key_id)
WHERE k.device_id = used.device_id AND k.session_key_id < used.session_key_id)";

constexpr std::string_view rearm_newest = R"(
UPDATE session_key k SET tries = 0, next_try_at = to_timestamp($2::bigint / 1000.0)
FROM (SELECT device_id, max(session_key_id) AS session_key_id FROM session_key
      WHERE device_id = ANY($1::bigint[]) GROUP BY device_id) newest
WHERE k.session_key_id = newest.session_key_id AND k.used_at IS NULL)";

constexpr std::string_view hasten = R"(
UPDATE session_key SET next_try_at = to_timestamp($2::bigint / 1000.0)
WHERE device_id = ANY($1::bigint[]) AND next_try_at IS NOT NULL)";

// One statement takes what is due and parks ('infinity') what belongs to devices that have left, so
// that these are not looked at again until a login arms them. SKIP LOCKED: another thread of ours
// may be taking the same. $4 is the schedule in seconds; after its end its last entry repeats.
constexpr std::string_view take_due_keys_sql = R"(
WITH due AS (
  SELECT k.session_key_id, k.device_id, coalesce(pr.online, false) AS online
  FROM session_key k LEFT JOIN presence pr USING (device_id)
  WHERE k.next_try_at <= to_timestamp($1::bigint / 1000.0)
    AND (NOT coalesce(pr.online, false) OR pr.broker = $2)
  ORDER BY k.next_try_at LIMIT 1000 FOR UPDATE OF k SKIP LOCKED),
placed AS (
  SELECT due.session_key_id, due.online, d.product_id, d.node_eui, p.open_id
  FROM due JOIN device d USING (device_id) JOIN product p USING (product_id)),
taken AS (
  UPDATE session_key k
  SET tries = k.tries + CASE WHEN placed.online THEN 1 ELSE 0 END,
      next_try_at = CASE
        WHEN NOT placed.online THEN 'infinity'
        WHEN k.tries + 1 >= $3::int THEN NULL
        ELSE to_timestamp($1::bigint / 1000.0) + make_interval(secs =>
          ($4::bigint[])[least(k.tries + 2, array_length($4::bigint[], 1))])
      END
  FROM placed WHERE k.session_key_id = placed.session_key_id
  RETURNING k.session_key_id, k.session_id, k.nonce, k.tries)
SELECT placed.open_id, placed.product_id, placed.node_eui, taken.session_id, taken.nonce, taken.tries
FROM taken JOIN placed USING (session_key_id) WHERE placed.online)";

constexpr std::string_view select_expired = R"(
SELECT DISTINCT k.device_id, p.key_lifetime_s
FROM session_key k
JOIN presence pr USING (device_id)
JOIN device d USING (device_id) JOIN product p USING (product_id)
WHERE k.expires_at > to_timestamp($2::bigint / 1000.0)
  AND k.expires_at <= to_timestamp($3::bigint / 1000.0)
  AND pr.online AND pr.broker = $1 AND d.enabled AND p.enabled AND p.encrypted
  AND NOT EXISTS (SELECT 1 FROM session_key newer
                  WHERE newer.device_id = k.device_id AND newer.session_key_id > k.session_key_id)
LIMIT 10000)";

}  // namespace

pg::Result<void> read_session_keys(pg::Connection& connection,
                                   std::span<const std::int64_t> device_ids, State& state) {
  const auto rows = connection.exec(select_keys, {id_array(device_ids)});
  if (!rows) {
    return tl::unexpected(rows.error());
  }
  for (int i = 0; i < rows->size(); ++i) {
    SessionKeyRow row;
    row.key.id = rows->int64(i, 1);
    row.key.session_id = rows->text(i, 2);
    row.key.nonce = static_cast<int>(rows->int64(i, 3));
    if (!rows->is_null(i, 4)) {
      row.key.reading = protocol::key_reading_from(rows->text(i, 4));
    }
    row.expires_at_ms = rows->int64(i, 5);
    row.used = rows->boolean(i, 6);
    row.by_update = rows->boolean(i, 7);
    row.told = rows->boolean(i, 8);
    row.issued_at_ms = rows->int64(i, 9);
    state.keys[rows->int64(i, 0)].push_back(std::move(row));
  }
  return {};
}

pg::Result<void> insert_session_keys(pg::Connection& connection, std::span<const NewKey> keys) {
  if (keys.empty()) {
    return {};
  }
  pg::ArrayBuilder devices;
  pg::ArrayBuilder session_ids;
  pg::ArrayBuilder nonces;
  pg::ArrayBuilder issued;
  pg::ArrayBuilder expires;
  pg::ArrayBuilder next_try;
  std::vector<std::int64_t> touched;
  for (const NewKey& key : keys) {
    devices.add(key.device_id);
    session_ids.add(key.seed.session_id);
    nonces.add(key.seed.nonce);
    issued.add(key.issued_at_ms);
    expires.add(key.expires_at_ms);
    add_number(next_try, key.next_try_at_ms);
    touched.push_back(key.device_id);
  }
  if (auto done = run(connection, disarm_older, {id_array(touched)}); !done) {
    return done;
  }
  if (auto done = run(connection, insert_keys,
                      {devices.take(), session_ids.take(), nonces.take(), issued.take(),
                       expires.take(), next_try.take()});
      !done) {
    return done;
  }
  return run(connection, prune_keys, {id_array(touched)});
}

pg::Result<void> use_session_keys(pg::Connection& connection, std::span<const KeyUse> uses) {
  if (uses.empty()) {
    return {};
  }
  pg::ArrayBuilder devices;
  pg::ArrayBuilder keys;
  pg::ArrayBuilder times;
  pg::ArrayBuilder readings;
  for (const KeyUse& use : uses) {
    devices.add(use.device_id);
    keys.add(use.session_key_id);
    times.add(use.used_at_ms);
    readings.add(protocol::to_string(use.reading));
  }
  const std::string key_array = keys.take();
  if (auto done = run(connection, mark_used, {key_array, times.take(), readings.take()}); !done) {
    return done;
  }
  return run(connection, delete_older, {devices.take(), key_array});
}

pg::Result<void> rearm_session_keys(pg::Connection& connection,
                                    std::span<const std::int64_t> device_ids,
                                    std::int64_t next_try_at_ms) {
  if (device_ids.empty()) {
    return {};
  }
  return run(connection, rearm_newest, {id_array(device_ids), std::to_string(next_try_at_ms)});
}

pg::Result<void> hasten_session_keys(pg::Connection& connection,
                                     std::span<const std::int64_t> device_ids,
                                     std::int64_t now_ms) {
  if (device_ids.empty()) {
    return {};
  }
  return run(connection, hasten, {id_array(device_ids), std::to_string(now_ms)});
}

pg::Result<std::vector<DueKey>> take_due_keys(pg::Connection& connection, const std::string& broker,
                                              const DuePolicy& policy, std::int64_t now_ms) {
  const auto rows = connection.exec(
      take_due_keys_sql,
      {std::to_string(now_ms), broker, std::to_string(policy.tries), id_array(policy.retry_s)});
  if (!rows) {
    return tl::unexpected(rows.error());
  }
  std::vector<DueKey> due;
  due.reserve(static_cast<std::size_t>(rows->size()));
  for (int i = 0; i < rows->size(); ++i) {
    due.push_back(DueKey{
        .device = {std::string(rows->text(i, 0)), std::string(rows->text(i, 1)),
                   std::string(rows->text(i, 2))},
        .seed = {std::string(rows->text(i, 3)), static_cast<int>(rows->int64(i, 4))},
        .tries = static_cast<int>(rows->int64(i, 5)),
    });
  }
  return due;
}

pg::Result<std::vector<ExpiredKey>> expired_keys_of_online(pg::Connection& connection,
                                                           const std::string& broker,
                                                           std::int64_t from_ms,
                                                           std::int64_t to_ms) {
  const auto rows =
      connection.exec(select_expired, {broker, std::to_string(from_ms), std::to_string(to_ms)});
  if (!rows) {
    return tl::unexpected(rows.error());
  }
  std::vector<ExpiredKey> expired;
  expired.reserve(static_cast<std::size_t>(rows->size()));
  for (int i = 0; i < rows->size(); ++i) {
    expired.push_back({rows->int64(i, 0), rows->int64(i, 1)});
  }
  return expired;
}

}  // namespace xgate::store
