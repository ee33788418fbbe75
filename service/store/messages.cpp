// SPDX-License-Identifier: Apache-2.0
#include "service/store/messages.hpp"

#include <array>
#include <map>
#include <utility>

#include "pg/array.hpp"
#include "service/store/columns.hpp"

namespace xgate::store {
namespace {

// In the order of arrival, so that the sequence follows it.
constexpr std::string_view insert_message = R"(
INSERT INTO message (received_at, device_id, product_id, node_eui, topic, message_id, header_ctrl,
                     payload, encrypted, raw, redelivered, code, requirement, reason, note,
                     warning, explanation, key_reading)
SELECT to_timestamp(received_ms::float8 / 1000), device_id, product_id, node_eui, topic, message_id,
       header_ctrl, payload, encrypted, raw, redelivered, code, requirement, reason, note,
       warning, explanation, key_reading
FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::int[],
            $8::text[], $9::boolean[], $10::bytea[], $11::boolean[], $12::text[], $13::text[],
            $14::text[], $15::text[], $16::boolean[], $17::text[], $18::text[])
     AS new (received_ms, device_id, product_id, node_eui, topic, message_id, header_ctrl, payload,
             encrypted, raw, redelivered, code, requirement, reason, note, warning, explanation,
             key_reading))";

constexpr std::string_view insert_refusal = R"(
INSERT INTO refusal (refused_at, what, broker, product_id, node_eui, client_id, username, address,
                     topic, requirement, reason, explanation)
SELECT to_timestamp(refused_ms::float8 / 1000), what, broker, product_id, node_eui, client_id, username,
       address, topic, requirement, reason, explanation
FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
            $8::text[], $9::text[], $10::text[], $11::text[], $12::text[])
     AS new (refused_ms, what, broker, product_id, node_eui, client_id, username, address, topic,
             requirement, reason, explanation))";

// changed_at moves only when a version does: a device says the same 1 to 3 times (FW-1). Ordered,
// so that two workers cannot deadlock; the join leaves out devices that were deleted meanwhile.
constexpr std::string_view upsert_versions = R"(
INSERT INTO firmware AS f (device_id, module, hard_ver, soft_ver, type, reported_at, changed_at)
SELECT device_id, module, hard_ver, soft_ver, type, to_timestamp(at_ms::float8 / 1000),
       to_timestamp(at_ms::float8 / 1000)
FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::int[], $6::bigint[])
     AS new (device_id, module, hard_ver, soft_ver, type, at_ms)
JOIN device USING (device_id)
ORDER BY device_id, module
ON CONFLICT (device_id, module) DO UPDATE SET
  hard_ver = excluded.hard_ver, soft_ver = excluded.soft_ver, type = excluded.type,
  reported_at = excluded.reported_at,
  changed_at = CASE WHEN (f.hard_ver, f.soft_ver, f.type)
                         IS DISTINCT FROM (excluded.hard_ver, excluded.soft_ver, excluded.type)
                    THEN excluded.changed_at ELSE f.changed_at END)";

// Days of UTC, as maintain_partitions() cuts them; yesterday for what arrives around midnight.
#define XGATE_TODAY "(SELECT (now() AT TIME ZONE 'UTC')::date AS today) clock"
constexpr auto make_partitions_sql =
    "SELECT maintain_partitions(today - 1, today + 7, '-infinity', '-infinity') "
    "FROM " XGATE_TODAY;
// Ticks go before the rows: a reader who comes from one of them must not miss rows unknowingly.
// Those of the first day that stays go too, which may have rows of the day before.
constexpr auto maintain_partitions_sql =
    "SELECT maintain_partitions(today - 1, today + 7, today - $1::int, today - $2::int) "
    "FROM " XGATE_TODAY
    ", LATERAL forget_ticks((today - $1::int + 1)::timestamp AT TIME ZONE 'UTC', $3::bigint) "
    "AS forgotten WHERE forgotten = 0";

}  // namespace

pg::Result<void> insert_messages(pg::Connection& connection, std::span<const MessageRow> rows) {
  if (rows.empty()) {
    return {};
  }
  enum : std::size_t {
    received,
    device,
    product,
    node,
    topic,
    id,
    ctrl,
    payload,
    encrypted,
    raw,
    redelivered,
    code,
    requirement,
    reason,
    note,
    warning,
    explanation,
    key_reading,
    count
  };
  std::array<pg::ArrayBuilder, count> column;
  for (const MessageRow& row : rows) {
    column[received].add(row.received_at_ms);
    add_number(column[device], row.device_id);
    add_text(column[product], std::string_view(row.product_id));
    add_text(column[node], std::string_view(row.node_eui));
    add_text(column[topic], std::string_view(row.topic));
    add_text(column[id], row.message_id);
    add_number(column[ctrl], row.header_ctrl);
    add_text(column[payload], row.payload);
    column[encrypted].add(row.encrypted);
    column[raw].add_bytea(row.raw);
    column[redelivered].add(row.redelivered);
    add_text(column[code], row.code);
    add_text(column[requirement], row.requirement);
    add_text(column[reason], row.reason);
    add_text(column[note], row.note);
    column[warning].add(row.warning);
    add_text(column[explanation], row.explanation);
    add_text(column[key_reading], row.key_reading);
  }
  std::array<pg::Param, count> params;
  for (std::size_t i = 0; i < count; ++i) {
    params[i] = column[i].take();
  }
  const auto done = connection.exec(insert_message, params);
  if (!done) {
    return tl::unexpected(done.error());
  }
  return {};
}

pg::Result<void> insert_refusals(pg::Connection& connection, std::span<const RefusalRow> rows) {
  if (rows.empty()) {
    return {};
  }
  enum : std::size_t {
    at,
    what,
    broker,
    product,
    node,
    client,
    user,
    address,
    topic,
    requirement,
    reason,
    explanation,
    count
  };
  std::array<pg::ArrayBuilder, count> column;
  for (const RefusalRow& row : rows) {
    const Refusal& refusal = row.refusal;
    column[at].add(row.refused_at_ms);
    add_text(column[what], std::string_view(refusal.what));
    add_text(column[broker], std::string_view(refusal.broker));
    add_text(column[product], refusal.product_id);
    add_text(column[node], refusal.node_eui);
    add_text(column[client], std::string_view(refusal.client_id));
    add_text(column[user], std::string_view(refusal.username));
    add_text(column[address], std::string_view(refusal.address));
    add_text(column[topic], refusal.topic);
    add_text(column[requirement], std::string_view(refusal.requirement));
    add_text(column[reason], std::string_view(refusal.reason));
    add_text(column[explanation], refusal.explanation);
  }
  std::array<pg::Param, count> params;
  for (std::size_t i = 0; i < count; ++i) {
    params[i] = column[i].take();
  }
  const auto done = connection.exec(insert_refusal, params);
  if (!done) {
    return tl::unexpected(done.error());
  }
  return {};
}

pg::Result<void> upsert_firmware(pg::Connection& connection, std::span<const FirmwareRow> rows) {
  if (rows.empty()) {
    return {};
  }
  // ON CONFLICT cannot touch a row twice in one statement.
  std::map<std::pair<std::int64_t, std::string_view>, const FirmwareRow*> last;
  for (const FirmwareRow& row : rows) {
    last.insert_or_assign(std::pair(row.device_id, std::string_view(row.module)), &row);
  }
  pg::ArrayBuilder device;
  pg::ArrayBuilder module;
  pg::ArrayBuilder hard;
  pg::ArrayBuilder soft;
  pg::ArrayBuilder type;
  pg::ArrayBuilder at;
  for (const auto& [key, row] : last) {
    device.add(row->device_id);
    add_text(module, std::string_view(row->module));
    add_text(hard, std::string_view(row->hard_ver));
    add_text(soft, std::string_view(row->soft_ver));
    type.add(row->type);
    at.add(row->reported_at_ms);
  }
  const auto done = connection.exec(upsert_versions, {device.take(), module.take(), hard.take(),
                                                      soft.take(), type.take(), at.take()});
  if (!done) {
    return tl::unexpected(done.error());
  }
  return {};
}

pg::Result<void> make_partitions(pg::Connection& connection) {
  const auto done = connection.exec(make_partitions_sql);
  if (!done) {
    return tl::unexpected(done.error());
  }
  return {};
}

pg::Result<bool> maintain_partitions(pg::Connection& connection, const Retention& retention,
                                     std::int64_t most_ticks) {
  const auto done =
      connection.exec(maintain_partitions_sql,
                      {std::to_string(retention.messages_days),
                       std::to_string(retention.history_days), std::to_string(most_ticks)});
  if (!done) {
    return tl::unexpected(done.error());
  }
  return done->size() == 1;
}

}  // namespace xgate::store
