// SPDX-License-Identifier: Apache-2.0
#include "service/store/command_records.hpp"

#include <array>
#include <limits>
#include <string_view>
#include <utility>

#include "service/store/commands.hpp"
#include "service/store/dispatch.hpp"
#include "service/store/rfc3339.hpp"
#include "service/store/waiting.hpp"

namespace xgate::store {
namespace {

constexpr auto recipient_sql =
    "SELECT d.device_id, p.kind, p.encrypted, p.topic_names = 'table', "
    "p.hex_case = 'upper', p.open_id, " XGATE_DISABLED
    " FROM device d "
    "JOIN product p USING (product_id) JOIN vendor v USING (open_id) "
    "WHERE d.product_id = $1 AND d.node_eui = $2";

// As insert_commands() locks it, and before the look for the key: of two requests with one key the
// second waits here, and finds the first's command.
constexpr auto lock_device_sql =
    "SELECT device_id FROM device WHERE device_id = $1::bigint FOR NO KEY UPDATE";
constexpr auto repeated_sql =
    "SELECT command_id FROM command WHERE device_id = $1::bigint AND idempotency_key = $2";
constexpr auto waiting_sql =
    "SELECT count(*) FROM (SELECT 1 FROM command WHERE device_id = $1::bigint "
    "AND settled_at IS NULL LIMIT $2::int) open";

#define COMMANDS \
  "SELECT c.command_id, p.open_id, d.product_id, d.node_eui, c.kind, c.service, c.request, " \
  "c.encrypt, c.topic, c.message_id, c.header_ctrl, c.state, c.code, c.result, c.reason, "   \
  "c.tries, c.answers, extract(epoch FROM c.expires_at - c.created_at)::bigint, "            \
  XGATE_RFC3339("c.created_at") ", " XGATE_RFC3339("c.expires_at") ", "                      \
  XGATE_RFC3339("c.sent_at") ", " XGATE_RFC3339("c.received_at") ", "                        \
  XGATE_RFC3339("c.settled_at") ", "                                                         \
  "CASE WHEN c.settled_at IS NULL THEN " XGATE_WAITING_FOR("pr.online")                      \
  " ELSE c.waited_for END "                                                                  \
  "FROM command c JOIN device d USING (device_id) "                                          \
  "JOIN product p ON p.product_id = d.product_id JOIN vendor v USING (open_id) "             \
  "LEFT JOIN presence pr USING (device_id) WHERE "

constexpr auto find_command_sql = COMMANDS "c.command_id = $1::bigint";
constexpr auto find_by_key_sql = COMMANDS "c.device_id = $1::bigint AND c.idempotency_key = $2";
#define NEWEST_FIRST                                                                             \
  " AND c.command_id < $2::bigint AND ($3::text IS NULL OR c.state = $3) ORDER BY c.command_id " \
  "DESC"
constexpr auto list_commands_sql =
    COMMANDS "c.device_id = $1::bigint" NEWEST_FIRST " LIMIT $4::int";
constexpr auto list_open_sql =
    COMMANDS "c.device_id = $1::bigint AND c.settled_at IS NULL" NEWEST_FIRST " LIMIT $4::int";
// In the order of command_open_by_product alone.
constexpr auto list_open_of_product_sql =
    COMMANDS "c.product_id = $1 AND c.settled_at IS NULL" NEWEST_FIRST " NULLS LAST LIMIT $4::int";

constexpr auto cancel_sql = R"(
UPDATE command SET state = 'cancelled', settled_at = to_timestamp($2::bigint / 1000.0),
  due_at = NULL,
  reason = CASE state WHEN 'queued' THEN 'cancelled before it was sent'
           ELSE 'cancelled after it was sent: the device may still do it' END
WHERE command_id = $1::bigint AND settled_at IS NULL)";

constexpr auto config_sql = "SELECT settings, " XGATE_RFC3339(
    "reported_at") " FROM device_config WHERE device_id = $1::bigint";

/// What holds an open command up, or held an expired one up.
std::optional<std::string> why_not_yet(const CommandRecord& record) {
  if (!record.waiting_for) return std::nullopt;
  const std::string topic = protocol::build_topic(record.topic, protocol::view(record.device),
                                                  record.service.value_or(""));
  std::string why = record.settled_at ? protocol::why_expired(*record.waiting_for, topic,
                                                              record.received_at.has_value())
                                      : protocol::why_waiting(*record.waiting_for, topic);
  return why.empty() ? std::nullopt : std::optional(std::move(why));
}

CommandRecord record_of(const pg::Rows& rows, int row) {
  const auto text = [&](int column) { return std::string(rows.text(row, column)); };
  CommandRecord record;
  record.command_id = rows.int64(row, 0);
  record.device = {text(1), text(2), text(3)};
  record.kind = protocol::command_kind_from(rows.text(row, 4)).value_or(record.kind);
  record.service = rows.optional_text(row, 5);
  record.request = rows.optional_text(row, 6);
  record.encrypt = rows.boolean(row, 7);
  record.topic = command_topic(rows.text(row, 8));
  record.message_id = rows.int64(row, 9);
  record.header_ctrl = static_cast<int>(rows.int64(row, 10));
  record.state = protocol::command_state_from(rows.text(row, 11)).value_or(record.state);
  record.code = rows.optional_text(row, 12);
  record.result = rows.optional_text(row, 13);
  record.reason = rows.optional_text(row, 14);
  record.tries = rows.int64(row, 15);
  record.answers = rows.int64(row, 16);
  record.ttl_s = rows.int64(row, 17);
  record.created_at = text(18);
  record.expires_at = text(19);
  record.sent_at = rows.optional_text(row, 20);
  record.received_at = rows.optional_text(row, 21);
  record.settled_at = rows.optional_text(row, 22);
  record.waiting_for = protocol::waiting_for_from(rows.text(row, 23));
  if (!record.reason) record.reason = why_not_yet(record);
  return record;
}

pg::Result<std::vector<CommandRecord>> page_of(pg::Connection& connection, std::string_view sql,
                                               const std::string& whose, const CommandPage& page) {
  const auto before = page.before.value_or(std::numeric_limits<std::int64_t>::max());
  const pg::Param state =
      page.state ? pg::Param(protocol::to_string(*page.state)) : pg::Param(std::nullopt);
  const auto rows =
      connection.exec(sql, {whose, std::to_string(before), state, std::to_string(page.limit)});
  if (!rows) return tl::unexpected(rows.error());
  std::vector<CommandRecord> records;
  records.reserve(static_cast<std::size_t>(rows->size()));
  for (int i = 0; i < rows->size(); ++i) records.push_back(record_of(*rows, i));
  return records;
}

}  // namespace

pg::Result<std::optional<Recipient>> find_recipient(pg::Connection& connection,
                                                    const std::string& product_id,
                                                    const std::string& node_eui) {
  const auto rows = connection.exec(recipient_sql, {product_id, node_eui});
  if (!rows) return tl::unexpected(rows.error());
  if (rows->size() == 0) return std::nullopt;
  Recipient recipient;
  recipient.device_id = rows->int64(0, 0);
  recipient.kind = protocol::product_kind_from(rows->text(0, 1)).value_or(recipient.kind);
  recipient.encrypted = rows->boolean(0, 2);
  recipient.table_names = rows->boolean(0, 3);
  recipient.upper_hex = rows->boolean(0, 4);
  recipient.open_id = rows->text(0, 5);
  recipient.disabled = protocol::waiting_for_from(rows->text(0, 6));
  return recipient;
}

pg::Result<Queued> queue_command(pg::Connection& connection, const NewCommand& command) {
  auto transaction = pg::Transaction::begin(connection);
  if (!transaction) return tl::unexpected(transaction.error());
  const std::string device_id = std::to_string(command.device_id);
  const auto locked = connection.exec(lock_device_sql, {device_id});
  if (!locked) return tl::unexpected(locked.error());
  if (locked->size() == 0) return Queued{Queued::Outcome::device_gone, 0};
  if (!command.idempotency_key.empty()) {
    const auto known = connection.exec(repeated_sql, {device_id, command.idempotency_key});
    if (!known) return tl::unexpected(known.error());
    if (known->size() > 0) return Queued{Queued::Outcome::repeated, known->int64(0, 0)};
  }
  const auto waiting =
      connection.exec(waiting_sql, {device_id, std::to_string(open_commands_most)});
  if (!waiting) return tl::unexpected(waiting.error());
  if (waiting->int64(0, 0) >= open_commands_most) return Queued{Queued::Outcome::full, 0};
  const auto ids = insert_commands(connection, {&command, 1});
  if (!ids) return tl::unexpected(ids.error());
  if (ids->empty()) return Queued{Queued::Outcome::device_gone, 0};
  if (auto done = transaction->commit(); !done) return tl::unexpected(done.error());
  return Queued{Queued::Outcome::queued, ids->front().command_id};
}

pg::Result<std::optional<CommandRecord>> find_command(pg::Connection& connection,
                                                      std::int64_t command_id) {
  const auto rows = connection.exec(find_command_sql, {std::to_string(command_id)});
  if (!rows) return tl::unexpected(rows.error());
  if (rows->size() == 0) return std::nullopt;
  return record_of(*rows, 0);
}

pg::Result<std::optional<CommandRecord>> find_command_by_key(pg::Connection& connection,
                                                             std::int64_t device_id,
                                                             const std::string& idempotency_key) {
  const auto rows = connection.exec(find_by_key_sql, {std::to_string(device_id), idempotency_key});
  if (!rows) return tl::unexpected(rows.error());
  if (rows->size() == 0) return std::nullopt;
  return record_of(*rows, 0);
}

pg::Result<std::vector<CommandRecord>> list_commands(pg::Connection& connection,
                                                     std::int64_t device_id,
                                                     const CommandPage& page) {
  return page_of(connection, page.open ? list_open_sql : list_commands_sql,
                 std::to_string(device_id), page);
}

pg::Result<std::vector<CommandRecord>> list_open_commands(pg::Connection& connection,
                                                          const std::string& product_id,
                                                          const CommandPage& page) {
  return page_of(connection, list_open_of_product_sql, product_id, page);
}

pg::Result<bool> cancel_command(pg::Connection& connection, std::int64_t command_id,
                                std::int64_t now_ms) {
  const auto rows =
      connection.exec(cancel_sql, {std::to_string(command_id), std::to_string(now_ms)});
  if (!rows) return tl::unexpected(rows.error());
  return rows->affected() > 0;
}

pg::Result<std::optional<ConfigRecord>> find_config(pg::Connection& connection,
                                                    std::int64_t device_id) {
  const auto rows = connection.exec(config_sql, {std::to_string(device_id)});
  if (!rows) return tl::unexpected(rows.error());
  if (rows->size() == 0) return std::nullopt;
  return ConfigRecord{std::string(rows->text(0, 0)), std::string(rows->text(0, 1))};
}

}  // namespace xgate::store
