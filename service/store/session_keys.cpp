// SPDX-License-Identifier: Apache-2.0
#include "service/store/session_keys.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "pg/array.hpp"
#include "protocol/command_payload.hpp"
#include "service/store/columns.hpp"
#include "service/store/commands.hpp"
#include "service/store/statement.hpp"

namespace xgate::store {
namespace {

constexpr std::string_view select_keys = R"(
SELECT device_id, session_key_id, session_id, nonce, key_reading,
       (extract(epoch FROM expires_at) * 1000)::bigint, used_at IS NOT NULL,
       by_update, told_at IS NOT NULL,
       (extract(epoch FROM issued_at) * 1000)::bigint
FROM session_key
WHERE device_id = ANY($1::bigint[])
ORDER BY device_id, session_key_id DESC)";

constexpr std::string_view cancel_open = R"(
WITH open AS (
  SELECT command_id FROM command
  WHERE device_id = ANY($1::bigint[]) AND kind = 'key_update' AND settled_at IS NULL
  ORDER BY command_id FOR UPDATE)
UPDATE command c SET state = 'cancelled', settled_at = now(), due_at = NULL, reason = $2
FROM open WHERE c.command_id = open.command_id)";

// The join leaves out devices that were deleted meanwhile. In the order given: a higher number is a
// newer key.
constexpr std::string_view insert_keys = R"(
INSERT INTO session_key (device_id, session_id, nonce, issued_at, expires_at, by_update)
SELECT device_id, session_id, nonce, to_timestamp(issued_ms / 1000.0),
       to_timestamp(expires_ms / 1000.0), by_update
FROM unnest($1::bigint[], $2::text[], $3::int[], $4::bigint[], $5::bigint[], $6::boolean[])
     WITH ORDINALITY
     AS new (device_id, session_id, nonce, issued_ms, expires_ms, by_update, place)
JOIN device USING (device_id)
ORDER BY place
RETURNING device_id, session_key_id)";

// Not the used ones: a stranger with the ProductKey may ask for keys as often as he likes, and the
// key that the device works with must survive that.
#define KEPT_AS_FORMER(deletion)                                                                \
  "WITH gone AS (DELETE FROM session_key k " deletion                                           \
  " RETURNING k.session_key_id, k.device_id, k.session_id, k.nonce, k.key_reading) "            \
  "INSERT INTO former_session_key (session_key_id, device_id, session_id, nonce, key_reading) " \
  "SELECT * FROM gone"

constexpr std::string_view prune_keys = KEPT_AS_FORMER(
    "USING (SELECT session_key_id, "
    "row_number() OVER (PARTITION BY device_id ORDER BY session_key_id DESC) AS age "
    "FROM session_key WHERE device_id = ANY($1::bigint[]) AND used_at IS NULL) ranked "
    "WHERE k.session_key_id = ranked.session_key_id AND ranked.age > 4");

constexpr std::string_view mark_used = R"(
UPDATE session_key k
SET used_at = coalesce(k.used_at, to_timestamp(used.used_ms / 1000.0)), key_reading = used.reading
FROM unnest($1::bigint[], $2::bigint[], $3::text[])
     AS used (session_key_id, used_ms, reading)
WHERE k.session_key_id = used.session_key_id)";

constexpr std::string_view delete_older = KEPT_AS_FORMER(
    "USING unnest($1::bigint[], $2::bigint[]) AS used (device_id, session_key_id) "
    "WHERE k.device_id = used.device_id AND k.session_key_id < used.session_key_id");
constexpr std::string_view delete_all = KEPT_AS_FORMER("WHERE k.device_id = ANY($1::bigint[])");

// Enough to name the key of a device that missed a few of its own restarts.
constexpr std::string_view prune_former = R"(
DELETE FROM former_session_key f
USING (SELECT session_key_id,
              row_number() OVER (PARTITION BY device_id ORDER BY session_key_id DESC) AS age
       FROM former_session_key WHERE device_id = ANY($1::bigint[])) ranked
WHERE f.session_key_id = ranked.session_key_id AND ranked.age > 4)";
constexpr std::string_view forget_former = R"(
DELETE FROM former_session_key WHERE ended_at < to_timestamp($1::bigint / 1000.0))";

constexpr std::string_view select_seeds = R"(
SELECT device_id, session_id, nonce, key_reading, '' AS ended_at, session_key_id
FROM session_key WHERE device_id = ANY($1::bigint[])
UNION ALL
SELECT device_id, session_id, nonce, key_reading,
       to_char(ended_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), session_key_id
FROM former_session_key WHERE device_id = ANY($1::bigint[])
ORDER BY device_id, session_key_id DESC)";

constexpr std::string_view select_updates = R"(
SELECT c.command_id, c.state, used.used_ms
FROM unnest($1::bigint[], $2::bigint[]) AS used (session_key_id, used_ms)
CROSS JOIN LATERAL (SELECT command_id, state FROM command
                    WHERE session_key_id = used.session_key_id
                    ORDER BY command_id DESC LIMIT 1) c)";

// Of a device's keys only the newest is worth telling.
constexpr std::string_view select_untold = R"(
SELECT k.device_id, k.session_key_id, (extract(epoch FROM k.expires_at) * 1000)::bigint
FROM unnest($1::bigint[]) AS back (device_id)
CROSS JOIN LATERAL (SELECT * FROM session_key
                    WHERE device_id = back.device_id
                    ORDER BY session_key_id DESC LIMIT 1) k
WHERE k.by_update AND k.used_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM command c
                  WHERE c.device_id = k.device_id AND c.kind = 'key_update'
                    AND c.settled_at IS NULL)
ORDER BY k.device_id)";

#define FAIL_UPDATES(which)                                                                    \
  "WITH over AS (SELECT command_id FROM command WHERE kind = 'key_update' "                    \
  "AND settled_at IS NULL AND tries >= $1::int AND " which                                     \
  ") UPDATE command c SET state = 'failed', due_at = NULL, "                                   \
  "settled_at = to_timestamp($2::bigint / 1000.0), "                                           \
  "reason = 'the device did not use the new key: Command 3 was sent ' || c.tries || ' times' " \
  "FROM over WHERE c.command_id = over.command_id RETURNING c.command_id"
constexpr std::string_view fail_due = FAIL_UPDATES(
    "due_at <= to_timestamp($2::bigint / 1000.0) ORDER BY command_id LIMIT 1000 "
    "FOR UPDATE SKIP LOCKED");
constexpr std::string_view fail_of_devices =
    FAIL_UPDATES("device_id = ANY($3::bigint[]) ORDER BY command_id FOR UPDATE");

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

NewCommand update_of(std::int64_t device_id, std::int64_t session_key_id, std::int64_t now_ms,
                     std::int64_t until_ms) {
  const auto route = protocol::command_route(protocol::CommandKind::key_update, false, false);
  NewCommand command;
  command.device_id = device_id;
  command.kind = protocol::CommandKind::key_update;
  command.topic = route.topic;
  command.header_ctrl = route.header_ctrl;
  command.created_at_ms = now_ms;
  command.expires_at_ms = until_ms;
  command.session_key_id = session_key_id;
  return command;
}

pg::Result<std::int64_t> queue_updates(pg::Connection& connection,
                                       const std::vector<NewCommand>& updates) {
  const auto ids = insert_commands(connection, updates);
  if (!ids) {
    return tl::unexpected(ids.error());
  }
  return static_cast<std::int64_t>(ids->size());
}

/// Deletes keys and keeps what explains messages that still use one (TRACE-1).
pg::Result<void> retire(pg::Connection& connection, std::string_view deletion,
                        std::initializer_list<pg::Param> params, const std::string& devices) {
  const auto gone = connection.exec(deletion, params);
  if (!gone) {
    return tl::unexpected(gone.error());
  }
  return gone->affected() == 0 ? pg::Result<void>{} : run(connection, prune_former, {devices});
}

pg::Result<std::map<std::int64_t, std::int64_t>> insert_rows(pg::Connection& connection,
                                                             std::span<const NewKey> keys) {
  pg::ArrayBuilder devices;
  pg::ArrayBuilder session_ids;
  pg::ArrayBuilder nonces;
  pg::ArrayBuilder issued;
  pg::ArrayBuilder expires;
  pg::ArrayBuilder by_update;
  for (const NewKey& key : keys) {
    devices.add(key.device_id);
    session_ids.add(key.seed.session_id);
    nonces.add(key.seed.nonce);
    issued.add(key.issued_at_ms);
    expires.add(key.expires_at_ms);
    by_update.add(key.tell_until_ms.has_value());
  }
  const auto rows = connection.exec(insert_keys, {devices.take(), session_ids.take(), nonces.take(),
                                                  issued.take(), expires.take(), by_update.take()});
  if (!rows) {
    return tl::unexpected(rows.error());
  }
  std::map<std::int64_t, std::int64_t> newest;
  for (int i = 0; i < rows->size(); ++i) {
    newest[rows->int64(i, 0)] = std::max(newest[rows->int64(i, 0)], rows->int64(i, 1));
  }
  return newest;
}

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

pg::Result<IssuedKeys> insert_session_keys(pg::Connection& connection,
                                           std::span<const NewKey> keys) {
  IssuedKeys issued;
  if (keys.empty()) {
    return issued;
  }
  std::vector<std::int64_t> touched;
  for (const NewKey& key : keys) {
    touched.push_back(key.device_id);
  }
  if (auto done = lock_devices(connection, touched); !done) {
    return tl::unexpected(done.error());
  }
  const auto cancelled = cancel_key_updates(connection, touched,
                                            "a newer session key replaces the one that it brings");
  if (!cancelled) {
    return tl::unexpected(cancelled.error());
  }
  issued.updates_cancelled = *cancelled;
  const auto ids = insert_rows(connection, keys);
  if (!ids) {
    return tl::unexpected(ids.error());
  }
  const std::string devices = id_array(touched);
  if (auto done = retire(connection, prune_keys, {devices}, devices); !done) {
    return tl::unexpected(done.error());
  }
  std::vector<NewCommand> updates;
  for (const NewKey& key : keys) {
    const auto stored = ids->find(key.device_id);
    if (key.tell_until_ms && stored != ids->end()) {  // else the device was deleted meanwhile
      updates.push_back(
          update_of(key.device_id, stored->second, key.issued_at_ms, *key.tell_until_ms));
    }
  }
  const auto queued = queue_updates(connection, updates);
  if (!queued) {
    return tl::unexpected(queued.error());
  }
  issued.updates_queued = *queued;
  return issued;
}

pg::Result<std::int64_t> cancel_key_updates(pg::Connection& connection,
                                            std::span<const std::int64_t> device_ids,
                                            std::string_view reason) {
  const auto rows = connection.exec(cancel_open, {id_array(device_ids), std::string(reason)});
  if (!rows) {
    return tl::unexpected(rows.error());
  }
  return rows->affected();
}

pg::Result<std::vector<KeyUpdate>> find_key_updates(pg::Connection& connection,
                                                    std::span<const KeyUse> uses) {
  pg::ArrayBuilder keys;
  pg::ArrayBuilder times;
  for (const KeyUse& use : uses) {
    if (use.first_of_update) {
      keys.add(use.session_key_id);
      times.add(use.used_at_ms);
    }
  }
  const auto rows = connection.exec(select_updates, {keys.take(), times.take()});
  if (!rows) {
    return tl::unexpected(rows.error());
  }
  std::vector<KeyUpdate> updates;
  for (int i = 0; i < rows->size(); ++i) {
    KeyUpdate update{.command_id = rows->int64(i, 0), .used_at_ms = rows->int64(i, 2)};
    update.state = protocol::command_state_from(rows->text(i, 1)).value_or(update.state);
    updates.push_back(update);
  }
  return updates;
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
  const std::string device_array = devices.take();
  return retire(connection, delete_older, {device_array, key_array}, device_array);
}

pg::Result<void> retire_session_keys(pg::Connection& connection, std::int64_t device_id) {
  const std::string devices = id_array({&device_id, 1});
  return retire(connection, delete_all, {devices}, devices);
}

pg::Result<std::map<std::int64_t, std::vector<protocol::KnownSeed>>> read_known_seeds(
    pg::Connection& connection, std::span<const std::int64_t> device_ids) {
  std::map<std::int64_t, std::vector<protocol::KnownSeed>> seeds;
  const auto rows = connection.exec(select_seeds, {id_array(device_ids)});
  if (!rows) {
    return tl::unexpected(rows.error());
  }
  for (int i = 0; i < rows->size(); ++i) {
    protocol::KnownSeed seed{.session_id = std::string(rows->text(i, 1)),
                             .nonce = static_cast<int>(rows->int64(i, 2)),
                             .reading = {},
                             .ended_at = std::string(rows->text(i, 4))};
    if (!rows->is_null(i, 3)) {
      seed.reading = protocol::key_reading_from(rows->text(i, 3));
    }
    seeds[rows->int64(i, 0)].push_back(std::move(seed));
  }
  return seeds;
}

pg::Result<void> forget_former_session_keys(pg::Connection& connection, std::int64_t before_ms) {
  return run(connection, forget_former, {std::to_string(before_ms)});
}

pg::Result<RetoldKeys> retell_session_keys(pg::Connection& connection,
                                           std::span<const std::int64_t> device_ids,
                                           const Retelling& how) {
  RetoldKeys retold;
  if (device_ids.empty()) {
    return retold;
  }
  const std::string devices = id_array(device_ids);
  const auto failed = connection.exec(
      fail_of_devices, {std::to_string(how.tries), std::to_string(how.now_ms), devices});
  if (!failed) {
    return tl::unexpected(failed.error());
  }
  retold.updates_failed = failed->size();
  const auto untold = connection.exec(select_untold, {devices});
  if (!untold) {
    return tl::unexpected(untold.error());
  }
  std::vector<NewCommand> updates;
  updates.reserve(static_cast<std::size_t>(untold->size()));
  for (int i = 0; i < untold->size(); ++i) {
    updates.push_back(update_of(untold->int64(i, 0), untold->int64(i, 1), how.now_ms,
                                untold->int64(i, 2) + how.patience_ms));
  }
  const auto queued = queue_updates(connection, updates);
  if (!queued) {
    return tl::unexpected(queued.error());
  }
  retold.updates_queued = *queued;
  return retold;
}

pg::Result<std::vector<std::int64_t>> fail_key_updates(pg::Connection& connection, int tries,
                                                       std::int64_t now_ms) {
  const auto rows = connection.exec(fail_due, {std::to_string(tries), std::to_string(now_ms)});
  if (!rows) {
    return tl::unexpected(rows.error());
  }
  std::vector<std::int64_t> failed;
  failed.reserve(static_cast<std::size_t>(rows->size()));
  for (int i = 0; i < rows->size(); ++i) {
    failed.push_back(rows->int64(i, 0));
  }
  return failed;
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
