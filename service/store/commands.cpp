// SPDX-License-Identifier: Apache-2.0
#include "service/store/commands.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

#include "pg/array.hpp"
#include "service/store/columns.hpp"
#include "service/store/dispatch.hpp"
#include "service/store/statement.hpp"
#include "service/store/waiting.hpp"

namespace xgate::store {
namespace {

constexpr std::string_view sent_sql = R"(
SELECT c.command_id, c.kind, coalesce(c.service, ''), c.topic, c.header_ctrl,
       coalesce(c.payload, ''), c.encrypt, c.message_id
FROM command c JOIN presence pr USING (device_id)
WHERE c.device_id = $1 AND c.settled_at IS NULL AND c.state = 'sent'
  AND c.sent_session = pr.epoch || '/' || pr.session
ORDER BY c.command_id DESC)";
constexpr std::string_view fail_sql = R"(
UPDATE command SET state = 'failed', settled_at = to_timestamp($3::bigint / 1000.0),
  due_at = NULL, reason = $2
WHERE command_id = $1 AND settled_at IS NULL)";

// Held until the commit: the numbers of a device's commands are then in the order of their becoming
// visible, and a login at this moment either sees the commands or is seen by them.
constexpr std::string_view select_locked = R"(
SELECT device_id FROM device WHERE device_id = ANY($1::bigint[])
ORDER BY device_id FOR NO KEY UPDATE)";

// A statement of its own: it sees the presence that was committed while the first one waited.
constexpr std::string_view insert_new = R"(
INSERT INTO command (device_id, product_id, kind, service, request, topic, header_ctrl, payload,
                     encrypt, message_id, idempotency_key, session_key_id, created_at, expires_at,
                     due_at)
SELECT device_id, product_id, kind, service, request, topic, header_ctrl, payload, encrypt, message_id,
       idempotency_key, session_key_id, to_timestamp(created_ms / 1000.0),
       to_timestamp(expires_ms / 1000.0),
       CASE WHEN pr.online AND )" XGATE_LISTENS("") R"(
            THEN to_timestamp(created_ms / 1000.0) END
FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::int[], $7::text[],
            $8::boolean[], $9::bigint[], $10::text[], $11::bigint[], $12::bigint[], $13::bigint[])
     WITH ORDINALITY
     AS new (device_id, kind, service, request, topic, header_ctrl, payload, encrypt, message_id,
             idempotency_key, session_key_id, created_ms, expires_ms, place)
JOIN device USING (device_id) LEFT JOIN presence pr USING (device_id)
ORDER BY place
ON CONFLICT (device_id, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING
RETURNING command_id, kind)";

#define ANSWERABLE                                                               \
  "SELECT c.device_id, c.command_id, c.kind, c.service, c.message_id, c.state, " \
  "(extract(epoch FROM c.sent_at) * 1000)::bigint, "                             \
  "CASE WHEN c.kind = 'ota_notify' THEN c.payload::jsonb ->> 'DownID' END FROM "

// A device's answers can be few: of those it may answer without a number, the oldest are enough.
constexpr std::string_view select_answerable = ANSWERABLE
    "unnest($1::bigint[], $2::bigint[]) AS said (device_id, message_id) "
    "JOIN command c USING (device_id, message_id) "
    "UNION " ANSWERABLE
    "unnest($3::bigint[]) AS reporting (device_id) CROSS JOIN LATERAL ("
    "SELECT * FROM command open WHERE open.device_id = reporting.device_id "
    "AND open.settled_at IS NULL AND open.state <> 'queued' "
    "AND open.kind IN ('firmware_ask', 'config_get', 'config_set', 'ota_notify', 'call') "
    "ORDER BY open.command_id LIMIT 50) c "
    "ORDER BY 1, 2";

constexpr std::string_view update_answered = R"(
WITH answer AS (
  SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[],
                       $7::int[])
           AS said (command_id, state, code, result, reason, at_ms, times)),
locked AS (
  SELECT command_id, settled_at IS NULL AS open FROM command
  WHERE command_id = ANY($1::bigint[]) ORDER BY command_id FOR UPDATE),
judged AS (
  SELECT answer.*, locked.open AND answer.state IS NOT NULL AS changes
  FROM answer JOIN locked USING (command_id))
UPDATE command c SET
  answers = c.answers + a.times,
  state = CASE WHEN changes THEN a.state ELSE c.state END,
  code = CASE WHEN changes THEN coalesce(a.code, c.code) ELSE c.code END,
  result = CASE WHEN changes THEN coalesce(a.result, c.result) ELSE c.result END,
  reason = CASE WHEN changes THEN a.reason ELSE c.reason END,
  received_at = CASE WHEN changes THEN coalesce(c.received_at, to_timestamp(a.at_ms / 1000.0))
                     ELSE c.received_at END,
  settled_at = CASE WHEN changes AND a.state <> 'received' THEN to_timestamp(a.at_ms / 1000.0)
                    ELSE c.settled_at END,
  due_at = CASE WHEN changes THEN NULL ELSE c.due_at END
FROM judged a WHERE c.command_id = a.command_id
RETURNING a.changes, c.kind, c.state)";

constexpr std::string_view make_due = R"(
WITH locked AS (
  SELECT command_id FROM command WHERE command_id = ANY($1::bigint[]) AND settled_at IS NULL
  ORDER BY command_id FOR UPDATE)
UPDATE command c SET due_at = to_timestamp($2::bigint / 1000.0)
FROM locked WHERE c.command_id = locked.command_id AND c.settled_at IS NULL)";

constexpr std::string_view make_due_by_login = R"(
WITH locked AS (
  SELECT c.command_id, )" XGATE_LISTENS("c.") R"( AS listening
  FROM command c JOIN presence pr USING (device_id)
  WHERE c.device_id = ANY($1::bigint[]) AND c.settled_at IS NULL
    AND c.sent_session IS DISTINCT FROM pr.epoch || '/' || pr.session
  ORDER BY c.command_id FOR UPDATE OF c)
UPDATE command c
SET due_at = CASE WHEN listening THEN to_timestamp($2::bigint / 1000.0) END
FROM locked WHERE c.command_id = locked.command_id AND c.settled_at IS NULL)";

constexpr std::string_view make_due_by_listening = R"(
WITH locked AS (
  SELECT c.command_id FROM command c JOIN presence pr USING (device_id)
  WHERE c.settled_at IS NULL AND EXISTS (
    SELECT 1 FROM unnest($1::bigint[], $2::text[]) AS heard (device_id, word)
    WHERE heard.device_id = c.device_id
      AND (heard.word IN (c.topic, 'brought_along') OR heard.word = c.topic || '/' || c.service))
    AND c.device_id = ANY($1::bigint[])
    AND c.sent_session IS DISTINCT FROM pr.epoch || '/' || pr.session
  ORDER BY c.command_id FOR UPDATE OF c)
UPDATE command c SET due_at = to_timestamp($3::bigint / 1000.0)
FROM locked WHERE c.command_id = locked.command_id AND c.settled_at IS NULL)";

// As if it had not been sent in that session. What an earlier one was sent stays "sent". A new
// session that came meanwhile has made it due already; only what is sent again by the clock is not
// to be.
constexpr std::string_view update_unheard = R"(
WITH locked AS (
  SELECT c.command_id FROM command c
  JOIN unnest($1::bigint[], $2::text[]) AS unheard (command_id, session)
    ON unheard.command_id = c.command_id AND unheard.session = c.sent_session
  WHERE c.settled_at IS NULL ORDER BY c.command_id FOR UPDATE OF c),
untold AS (
  UPDATE session_key k SET told_at = NULL
  FROM locked JOIN command c USING (command_id)
  WHERE k.session_key_id = c.session_key_id AND c.tries <= 1)
UPDATE command c
SET state = CASE WHEN c.state = 'sent' AND c.tries <= 1 THEN 'queued' ELSE c.state END,
    sent_at = CASE WHEN c.tries <= 1 THEN NULL ELSE c.sent_at END,
    tries = greatest(c.tries - 1, 0), sent_session = NULL, taken_at = NULL,
    due_at = CASE c.kind WHEN 'key_update' THEN NULL ELSE c.due_at END
FROM locked WHERE c.command_id = locked.command_id)";

constexpr std::string_view upsert_settings = R"(
INSERT INTO device_config AS known (device_id, settings, reported_at)
SELECT device_id, settings, to_timestamp(at_ms / 1000.0)
FROM unnest($1::bigint[], $2::text[], $3::bigint[]) AS new (device_id, settings, at_ms)
JOIN device USING (device_id)
ORDER BY device_id
ON CONFLICT (device_id) DO UPDATE SET
  settings = excluded.settings, reported_at = excluded.reported_at)";

void add_or_null(pg::ArrayBuilder& column, const std::string& text) {
  if (text.empty()) {
    column.add_null();
  } else {
    add_text(column, std::string_view(text));
  }
}

OpenCommand open_command(const pg::Rows& rows, int row) {
  OpenCommand command;
  command.command_id = rows.int64(row, 1);
  command.kind = protocol::command_kind_from(rows.text(row, 2)).value_or(command.kind);
  command.service = rows.text(row, 3);
  command.message_id = rows.int64(row, 4);
  command.state = protocol::command_state_from(rows.text(row, 5)).value_or(command.state);
  if (!rows.is_null(row, 6)) {
    command.sent_at_ms = rows.int64(row, 6);
  }
  command.down_id = rows.text(row, 7);
  return command;
}

/// One row a command: UPDATE … FROM takes only one of several.
protocol::CommandKind kind_of(const pg::Rows& rows, int row, int column) {
  return protocol::command_kind_from(rows.text(row, column)).value_or(protocol::CommandKind::down);
}

struct Answered {
  CommandAnswer answer;
  int times = 0;
};
std::map<std::int64_t, Answered> by_command(std::span<const CommandAnswer> answers) {
  std::map<std::int64_t, Answered> merged;
  for (const CommandAnswer& answer : answers) {
    Answered& known = merged[answer.command_id];
    ++known.times;
    if (answer.state || known.times == 1) {
      known.answer = answer;
    }
  }
  return merged;
}

}  // namespace

pg::Result<void> lock_devices(pg::Connection& connection, std::span<const std::int64_t> ids) {
  const std::array<pg::Param, 1> params{id_array(ids)};
  return run(connection, select_locked, params);
}

pg::Result<std::vector<CommandRef>> insert_commands(pg::Connection& connection,
                                                    std::span<const NewCommand> commands) {
  std::vector<CommandRef> queued;
  if (commands.empty()) {
    return queued;
  }
  enum : std::size_t {
    device,
    kind,
    service,
    request,
    topic,
    ctrl,
    payload,
    encrypt,
    message,
    key,
    session_key,
    created,
    expires,
    count
  };
  std::array<pg::ArrayBuilder, count> column;
  std::vector<std::int64_t> devices;
  for (const NewCommand& command : commands) {
    devices.push_back(command.device_id);
    column[device].add(command.device_id);
    column[kind].add(protocol::to_string(command.kind));
    add_or_null(column[service], command.service);
    add_or_null(column[request], command.request);
    column[topic].add(protocol::to_string(command.topic));
    column[ctrl].add(command.header_ctrl);
    add_or_null(column[payload], command.payload);
    column[encrypt].add(command.encrypt);
    column[message].add(command.message_id != 0 ? command.message_id
                                                : protocol::new_command_message_id());
    add_or_null(column[key], command.idempotency_key);
    if (command.session_key_id != 0) {
      column[session_key].add(command.session_key_id);
    } else {
      column[session_key].add_null();
    }
    column[created].add(command.created_at_ms);
    column[expires].add(command.expires_at_ms);
  }
  if (const auto locked = lock_devices(connection, devices); !locked) {
    return tl::unexpected(locked.error());
  }
  std::array<pg::Param, count> params;
  for (std::size_t i = 0; i < count; ++i) {
    params[i] = column[i].take();
  }
  const auto rows = connection.exec(insert_new, params);
  if (!rows) {
    return tl::unexpected(rows.error());
  }
  for (int i = 0; i < rows->size(); ++i) {
    queued.push_back({rows->int64(i, 0), kind_of(*rows, i, 1)});
  }
  return queued;
}

pg::Result<void> read_answerable(pg::Connection& connection, const AnswerSearch& search,
                                 State& state) {
  if (search.numbered.empty() && search.unnumbered.empty()) {
    return {};
  }
  pg::ArrayBuilder devices;
  pg::ArrayBuilder messages;
  // A batch may say the same twice; the join would then give the row twice.
  for (const auto& [device_id, message_id] :
       std::set(search.numbered.begin(), search.numbered.end())) {
    devices.add(device_id);
    messages.add(message_id);
  }
  const std::set<std::int64_t> reporting(search.unnumbered.begin(), search.unnumbered.end());
  const auto rows = connection.exec(
      select_answerable, {devices.take(), messages.take(),
                          id_array(std::vector<std::int64_t>(reporting.begin(), reporting.end()))});
  if (!rows) {
    return tl::unexpected(rows.error());
  }
  for (int i = 0; i < rows->size(); ++i) {
    state.commands[rows->int64(i, 0)].push_back(open_command(*rows, i));
  }
  return {};
}

pg::Result<std::vector<CommandChange>> apply_answers(pg::Connection& connection,
                                                     std::span<const CommandAnswer> answers) {
  std::vector<CommandChange> changes;
  if (answers.empty()) {
    return changes;
  }
  enum : std::size_t { id, state, code, result, reason, at, times, count };
  std::array<pg::ArrayBuilder, count> column;
  for (const auto& [command_id, answered] : by_command(answers)) {
    const CommandAnswer& answer = answered.answer;
    column[id].add(command_id);
    if (answer.state) {
      column[state].add(protocol::to_string(*answer.state));
    } else {
      column[state].add_null();
    }
    add_or_null(column[code], answer.code);
    add_or_null(column[result], answer.result);
    add_or_null(column[reason], answer.reason);
    column[at].add(answer.at_ms);
    column[times].add(answered.times);
  }
  std::array<pg::Param, count> params;
  for (std::size_t i = 0; i < count; ++i) {
    params[i] = column[i].take();
  }
  const auto rows = connection.exec(update_answered, params);
  if (!rows) {
    return tl::unexpected(rows.error());
  }
  for (int i = 0; i < rows->size(); ++i) {
    const auto state = protocol::command_state_from(rows->text(i, 2));
    if (rows->boolean(i, 0) && state) {
      changes.push_back({.kind = kind_of(*rows, i, 1), .state = *state});
    }
  }
  return changes;
}

pg::Result<void> send_again(pg::Connection& connection, std::span<const std::int64_t> command_ids,
                            std::int64_t now_ms) {
  if (command_ids.empty()) {
    return {};
  }
  const std::array<pg::Param, 2> params{id_array(command_ids), std::to_string(now_ms)};
  return run(connection, make_due, params);
}

pg::Result<void> due_by_login(pg::Connection& connection, std::span<const std::int64_t> device_ids,
                              std::int64_t now_ms) {
  if (device_ids.empty()) {
    return {};
  }
  const std::array<pg::Param, 2> params{id_array(device_ids), std::to_string(now_ms)};
  return run(connection, make_due_by_login, params);
}

pg::Result<void> due_by_listening(pg::Connection& connection, std::span<const Heard> heard,
                                  std::int64_t now_ms) {
  if (heard.empty()) {
    return {};
  }
  pg::ArrayBuilder devices;
  pg::ArrayBuilder words;
  for (const Heard& one : heard) {
    devices.add(one.device_id);
    words.add(one.word);
  }
  const std::array<pg::Param, 3> params{devices.take(), words.take(), std::to_string(now_ms)};
  return run(connection, make_due_by_listening, params);
}

pg::Result<void> take_back_unheard(pg::Connection& connection, std::span<const Unheard> unheard) {
  if (unheard.empty()) {
    return {};
  }
  pg::ArrayBuilder ids;
  pg::ArrayBuilder sessions;
  for (const Unheard& one : unheard) {
    ids.add(one.command_id);
    sessions.add(one.session);
  }
  const std::array<pg::Param, 2> params{ids.take(), sessions.take()};
  return run(connection, update_unheard, params);
}

pg::Result<std::vector<DueCommand>> sent_in_session(pg::Connection& connection,
                                                    std::int64_t device_id) {
  const auto rows = connection.exec(sent_sql, {std::to_string(device_id)});
  if (!rows) return tl::unexpected(rows.error());
  std::vector<DueCommand> commands;
  for (int i = 0; i < rows->size(); ++i) {
    DueCommand& command = commands.emplace_back();
    command.command_id = rows->int64(i, 0);
    command.device_id = device_id;
    command.kind = protocol::command_kind_from(rows->text(i, 1)).value_or(command.kind);
    command.service = rows->text(i, 2);
    command.topic = command_topic(rows->text(i, 3));
    command.header_ctrl = static_cast<int>(rows->int64(i, 4));
    command.payload = rows->text(i, 5);
    command.encrypt = rows->boolean(i, 6);
    command.message_id = rows->int64(i, 7);
  }
  return commands;
}

pg::Result<bool> fail_command(pg::Connection& connection, std::int64_t command_id,
                              const std::string& reason, std::int64_t at_ms) {
  const auto rows =
      connection.exec(fail_sql, {std::to_string(command_id), reason, std::to_string(at_ms)});
  if (!rows) return tl::unexpected(rows.error());
  return rows->affected() > 0;
}

pg::Result<void> upsert_configs(pg::Connection& connection, std::span<const ConfigRow> rows) {
  if (rows.empty()) {
    return {};
  }
  std::map<std::int64_t, const ConfigRow*> last;  // ON CONFLICT cannot touch a row twice
  for (const ConfigRow& row : rows) {
    last.insert_or_assign(row.device_id, &row);
  }
  pg::ArrayBuilder devices;
  pg::ArrayBuilder settings;
  pg::ArrayBuilder times;
  for (const auto& [device_id, row] : last) {
    devices.add(device_id);
    add_text(settings, std::string_view(row->settings));
    times.add(row->reported_at_ms);
  }
  const std::array<pg::Param, 3> params{devices.take(), settings.take(), times.take()};
  return run(connection, upsert_settings, params);
}

}  // namespace xgate::store
