// SPDX-License-Identifier: Apache-2.0
#include "service/store/dispatch.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

#include "pg/array.hpp"
#include "service/store/columns.hpp"
#include "service/store/commands.hpp"
#include "service/store/session_keys.hpp"
#include "service/store/statement.hpp"
#include "service/store/waiting.hpp"

namespace xgate::store {
namespace {

// Whoever comes back is looked at then.
constexpr std::string_view put_off_absent = R"(
UPDATE command SET due_at = NULL WHERE command_id IN (
  SELECT c.command_id FROM command c
  JOIN device d USING (device_id) JOIN product p ON p.product_id = d.product_id
  LEFT JOIN presence pr USING (device_id)
  WHERE c.due_at <= to_timestamp($1::bigint / 1000.0)
    AND NOT (coalesce(pr.online, false) AND d.enabled AND p.enabled)
  ORDER BY c.command_id LIMIT 5000 FOR UPDATE OF c SKIP LOCKED))";

// By device and number, so that no limit and no lock lets a later command pass an earlier one. A
// device subscribes to one topic after another: for the length of the grace, later commands wait
// for those whose topic has not come yet. Key updates stand outside that order: they are sent again
// by the clock, which nothing else may wait for. In a session that may be short of places at the
// broker a new key goes at QoS 1 first (KEY-1), as there may be some left; what is tried again, and
// all else, goes at QoS 0, which needs none.
constexpr std::string_view select_due = R"(
SELECT c.command_id, c.device_id, c.kind, c.state, c.service, c.topic, c.header_ctrl, c.payload,
       c.encrypt, c.message_id, p.open_id, d.product_id, d.node_eui, p.product_key, d.device_secret,
       p.key_reading, (extract(epoch FROM pr.online_at) * 1000)::bigint,
       pr.epoch || '/' || pr.session, c.tries, c.session_key_id,
       (extract(epoch FROM c.expires_at) * 1000)::bigint,
       strpos(pr.listens, ' short_of_places ') > 0
         AND (c.kind <> 'key_update'
              OR c.sent_session IS NOT DISTINCT FROM pr.epoch || '/' || pr.session)
FROM command c
JOIN device d USING (device_id) JOIN product p ON p.product_id = d.product_id
JOIN presence pr USING (device_id)
WHERE c.due_at <= to_timestamp($1::bigint / 1000.0) AND pr.online AND pr.broker = $2
  AND d.enabled AND p.enabled AND c.expires_at > to_timestamp($1::bigint / 1000.0)
  AND CASE c.kind WHEN 'key_update' THEN c.tries < $5::int ELSE NOT EXISTS (
    SELECT 1 FROM command earlier
    WHERE earlier.device_id = c.device_id AND earlier.command_id < c.command_id
      AND earlier.settled_at IS NULL AND earlier.kind <> 'key_update'
      AND (earlier.due_at > to_timestamp($1::bigint / 1000.0)
           OR (earlier.due_at IS NULL AND earlier.state = 'queued'
               AND pr.online_at > to_timestamp(($1::bigint - $4::bigint) / 1000.0)))) END
ORDER BY c.device_id, c.command_id LIMIT $3::int
FOR UPDATE OF c SKIP LOCKED)";

constexpr std::string_view update_sent = R"(
UPDATE command c
SET state = CASE c.state WHEN 'queued' THEN 'sent' ELSE c.state END, tries = c.tries + 1,
    sent_at = to_timestamp($3::bigint / 1000.0), sent_session = sent.session,
    due_at = to_timestamp(sent.again_ms / 1000.0)
FROM unnest($1::bigint[], $2::text[], $4::bigint[]) AS sent (command_id, session, again_ms)
WHERE c.command_id = sent.command_id)";

constexpr std::string_view update_taken = R"(
WITH locked AS (
  SELECT command_id FROM command WHERE command_id = ANY($1::bigint[])
  ORDER BY command_id FOR UPDATE)
UPDATE command c SET taken_at = to_timestamp($2::bigint / 1000.0)
FROM locked WHERE c.command_id = locked.command_id)";

constexpr std::string_view update_untaken = R"(
WITH locked AS (
  SELECT c.command_id FROM command c JOIN presence pr USING (device_id)
  WHERE c.settled_at IS NULL AND c.state = 'sent' AND c.due_at IS NULL AND pr.broker = $1
    AND (c.taken_at IS NULL OR c.taken_at < c.sent_at)
  ORDER BY c.command_id FOR UPDATE OF c)
UPDATE command c SET due_at = to_timestamp($2::bigint / 1000.0)
FROM locked WHERE c.command_id = locked.command_id AND c.settled_at IS NULL)";

constexpr std::string_view update_told = R"(
UPDATE session_key SET told_at = to_timestamp($2::bigint / 1000.0)
WHERE session_key_id = ANY($1::bigint[]) AND told_at IS NULL)";

constexpr std::string_view update_put_off =
    "UPDATE command SET due_at = NULL WHERE command_id = ANY($1::bigint[])";

// What it waited for while it could be sent: a device that is offline now may have been there.
constexpr std::string_view update_expired = R"(
UPDATE command c
SET state = 'expired', settled_at = to_timestamp($1::bigint / 1000.0), due_at = NULL,
    waited_for = CASE c.state WHEN 'queued'
      THEN )" XGATE_WAITING_FOR("pr.online OR pr.offline_at >= c.created_at") R"( ELSE 'answer' END
FROM device d JOIN product p USING (product_id) JOIN vendor v USING (open_id)
  LEFT JOIN presence pr USING (device_id)
WHERE d.device_id = c.device_id AND c.command_id IN (
  SELECT command_id FROM command
  WHERE settled_at IS NULL AND expires_at <= to_timestamp($1::bigint / 1000.0)
  ORDER BY expires_at LIMIT 1000 FOR UPDATE SKIP LOCKED)
RETURNING c.command_id, c.kind)";

constexpr std::string_view delete_old = R"(
DELETE FROM command WHERE command_id IN (
  SELECT command_id FROM command WHERE settled_at < to_timestamp($1::bigint / 1000.0)
  ORDER BY settled_at LIMIT 5000 FOR UPDATE SKIP LOCKED))";

DueCommand due_command(const pg::Rows& rows, int i) {
  DueCommand command;
  command.command_id = rows.int64(i, 0);
  command.device_id = rows.int64(i, 1);
  command.kind = protocol::command_kind_from(rows.text(i, 2)).value_or(command.kind);
  command.state = protocol::command_state_from(rows.text(i, 3)).value_or(command.state);
  command.service = rows.text(i, 4);
  command.topic = command_topic(rows.text(i, 5));
  command.header_ctrl = static_cast<int>(rows.int64(i, 6));
  command.payload = rows.text(i, 7);
  command.encrypt = rows.boolean(i, 8);
  command.message_id = rows.int64(i, 9);
  command.tries = static_cast<int>(rows.int64(i, 18));
  command.session_key_id = rows.int64(i, 19);
  command.expires_at_ms = rows.int64(i, 20);
  command.qos = rows.boolean(i, 21) ? 0 : 1;
  return command;
}

DueBatch::To recipient(const pg::Rows& rows, int i) {
  const auto text = [&](int column) { return std::string(rows.text(i, column)); };
  DueBatch::To to;
  to.device = {text(10), text(11), text(12)};
  to.sealing.product_key = text(13);
  to.sealing.device_secret = text(14);
  if (!rows.is_null(i, 15)) {
    to.sealing.product_reading = protocol::key_reading_from(rows.text(i, 15));
  }
  to.sealing.online_since_ms = rows.int64(i, 16);
  to.session = text(17);
  return to;
}

}  // namespace

protocol::TopicName command_topic(std::string_view row_name) noexcept {
  for (const auto& row : protocol::topic_table()) {
    if (protocol::to_string(row.name) == row_name) {
      return row.name;
    }
  }
  return protocol::TopicName::downlink;
}

pg::Result<DueBatch> take_due(pg::Connection& connection, const std::string& broker,
                              const DueLimits& limits, std::int64_t now_ms) {
  const std::string now = std::to_string(now_ms);
  if (auto done = run(connection, put_off_absent, {now}); !done) {
    return tl::unexpected(done.error());
  }
  const auto rows = connection.exec(
      select_due, {now, broker, std::to_string(limits.commands), std::to_string(listening_grace_ms),
                   std::to_string(limits.key_update_tries)});
  if (!rows) {
    return tl::unexpected(rows.error());
  }
  DueBatch batch;
  batch.more = rows->size() == limits.commands;
  std::set<std::int64_t> sealed;
  for (int i = 0; i < rows->size(); ++i) {
    batch.commands.push_back(due_command(*rows, i));
    const DueCommand& command = batch.commands.back();
    batch.devices.try_emplace(command.device_id, recipient(*rows, i));
    if (command.encrypt || command.kind == protocol::CommandKind::key_update) {
      sealed.insert(command.device_id);
    }
  }
  if (sealed.empty()) {
    return batch;
  }
  State state;
  if (auto read = read_session_keys(connection,
                                    std::vector<std::int64_t>(sealed.begin(), sealed.end()), state);
      !read) {
    return tl::unexpected(read.error());
  }
  batch.keys = std::move(state.keys);
  return batch;
}

pg::Result<void> mark_sent(pg::Connection& connection, std::span<const SentCommand> sent,
                           std::int64_t now_ms) {
  if (sent.empty()) {
    return {};
  }
  pg::ArrayBuilder ids;
  pg::ArrayBuilder sessions;
  pg::ArrayBuilder again;
  std::vector<std::int64_t> told;
  for (const SentCommand& command : sent) {
    ids.add(command.command_id);
    sessions.add(command.session);
    add_number(again, command.again_at_ms);
    if (command.session_key_id != 0) {
      told.push_back(command.session_key_id);
    }
  }
  const std::string now = std::to_string(now_ms);
  auto done = run(connection, update_sent, {ids.take(), sessions.take(), now, again.take()});
  if (!done || told.empty()) {
    return done;
  }
  return run(connection, update_told, {id_array(told), now});
}

pg::Result<void> mark_taken(pg::Connection& connection, std::span<const std::int64_t> command_ids,
                            std::int64_t now_ms) {
  if (command_ids.empty()) {
    return {};
  }
  return run(connection, update_taken, {id_array(command_ids), std::to_string(now_ms)});
}

pg::Result<void> send_untaken(pg::Connection& connection, const std::string& broker,
                              std::int64_t now_ms) {
  return run(connection, update_untaken, {broker, std::to_string(now_ms)});
}

pg::Result<void> put_off(pg::Connection& connection, std::span<const std::int64_t> command_ids) {
  if (command_ids.empty()) {
    return {};
  }
  return run(connection, update_put_off, {id_array(command_ids)});
}

pg::Result<std::vector<CommandRef>> expire_commands(pg::Connection& connection,
                                                    std::int64_t now_ms) {
  const auto rows = connection.exec(update_expired, {std::to_string(now_ms)});
  if (!rows) {
    return tl::unexpected(rows.error());
  }
  std::vector<CommandRef> expired;
  for (int i = 0; i < rows->size(); ++i) {
    CommandRef command{.command_id = rows->int64(i, 0)};
    command.kind = protocol::command_kind_from(rows->text(i, 1)).value_or(command.kind);
    expired.push_back(command);
  }
  return expired;
}

pg::Result<std::int64_t> delete_settled(pg::Connection& connection, std::int64_t before_ms) {
  const auto rows = connection.exec(delete_old, {std::to_string(before_ms)});
  if (!rows) {
    return tl::unexpected(rows.error());
  }
  return rows->affected();
}

}  // namespace xgate::store
