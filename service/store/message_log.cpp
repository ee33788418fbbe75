// SPDX-License-Identifier: Apache-2.0
#include "service/store/message_log.hpp"

#include <limits>
#include <utility>

#include "service/store/rfc3339.hpp"

namespace xgate::store {
namespace {

// Transactions can commit in another order than they took their sequence numbers. A follower who
// was shown 101 would never see the 100 that commits later; so it is shown only rows whose
// transaction is older than every one that still runs. (The date: age() turns over after 2^31
// transactions, but a row of yesterday is long committed.)
#define SETTLED(time)               \
  "(" time                          \
  " < now() - interval '1 day' OR " \
  "age(xmin) > age(pg_snapshot_xmin(pg_current_snapshot())::xid))"

// The inner SELECT finds rows and sizes without reading the large values.
#define MESSAGES(condition, order) \
  "SELECT sequence, " XGATE_RFC3339("received_at") ", topic, message_id, header_ctrl, payload, "  \
  "encrypted, raw, redelivered, code, requirement, reason, note, warning, explanation, key_reading FROM ("                           \
  "SELECT *, sum(octet_length(raw) + coalesce(octet_length(payload), 0)) "                        \
  "OVER (ORDER BY sequence " order ") - octet_length(raw) - "                                     \
  "coalesce(octet_length(payload), 0) AS bytes_before FROM ("                                     \
  "SELECT * FROM message WHERE product_id = $1 AND node_eui = $2 AND " condition                  \
  " ORDER BY sequence " order " LIMIT $4) page) sized "                                           \
  "WHERE bytes_before < $5 ORDER BY sequence " order

constexpr auto messages_sql = MESSAGES("sequence < $3", "DESC");
constexpr auto follow_messages_sql = MESSAGES("sequence > $3 AND " SETTLED("received_at"), "ASC");

#define REFUSALS(condition, order) \
  "SELECT sequence, " XGATE_RFC3339("refused_at") ", what, broker, product_id, node_eui, "       \
  "client_id, username, address, topic, requirement, reason, explanation FROM refusal WHERE "    \
  condition " AND ($3::text IS NULL OR product_id = $3) AND ($4::text IS NULL OR node_eui = $4)" \
  " ORDER BY sequence " order " LIMIT $2"

constexpr auto refusals_sql = REFUSALS("sequence < $1", "DESC");
constexpr auto follow_refusals_sql = REFUSALS("sequence > $1 AND " SETTLED("refused_at"), "ASC");

std::string bound_of(const Window& window) {
  if (window.sequence) return std::to_string(*window.sequence);
  return window.follow ? "0" : std::to_string(std::numeric_limits<std::int64_t>::max());
}

LoggedMessage message_of(const pg::Rows& rows, int row) {
  LoggedMessage message;
  message.sequence = rows.int64(row, 0);
  message.received_at = rows.text(row, 1);
  message.topic = rows.text(row, 2);
  message.message_id = rows.optional_text(row, 3);
  if (!rows.is_null(row, 4)) message.header_ctrl = rows.int64(row, 4);
  message.payload = rows.optional_text(row, 5);
  message.encrypted = rows.boolean(row, 6);
  message.raw = rows.bytea(row, 7);
  message.redelivered = rows.boolean(row, 8);
  message.code = rows.optional_text(row, 9);
  message.requirement = rows.optional_text(row, 10);
  message.reason = rows.optional_text(row, 11);
  message.note = rows.optional_text(row, 12);
  message.warning = rows.boolean(row, 13);
  message.explanation = rows.optional_text(row, 14);
  message.key_reading = rows.optional_text(row, 15);
  return message;
}

LoggedRefusal refusal_of(const pg::Rows& rows, int row) {
  const auto text = [&](int column) { return std::string(rows.text(row, column)); };
  return {.sequence = rows.int64(row, 0),
          .refused_at = text(1),
          .refusal = {.what = text(2),
                      .broker = text(3),
                      .product_id = rows.optional_text(row, 4),
                      .node_eui = rows.optional_text(row, 5),
                      .client_id = text(6),
                      .username = text(7),
                      .address = text(8),
                      .topic = rows.optional_text(row, 9),
                      .requirement = text(10),
                      .reason = text(11),
                      .explanation = rows.optional_text(row, 12)}};
}

}  // namespace

pg::Result<std::vector<LoggedMessage>> read_messages(pg::Connection& connection,
                                                     const std::string& product_id,
                                                     const std::string& node_eui,
                                                     const Window& window) {
  auto rows = connection.exec(window.follow ? follow_messages_sql : messages_sql,
                              {product_id, node_eui, bound_of(window), std::to_string(window.limit),
                               std::to_string(page_bytes)});
  if (!rows) return tl::unexpected(std::move(rows).error());
  std::vector<LoggedMessage> messages;
  messages.reserve(static_cast<std::size_t>(rows->size()));
  for (int i = 0; i < rows->size(); ++i) messages.push_back(message_of(*rows, i));
  return messages;
}

pg::Result<std::vector<LoggedRefusal>> read_refusals(pg::Connection& connection,
                                                     const RefusalFilter& filter,
                                                     const Window& window) {
  auto rows = connection.exec(
      window.follow ? follow_refusals_sql : refusals_sql,
      {bound_of(window), std::to_string(window.limit), filter.product_id, filter.node_eui});
  if (!rows) return tl::unexpected(std::move(rows).error());
  std::vector<LoggedRefusal> refusals;
  refusals.reserve(static_cast<std::size_t>(rows->size()));
  for (int i = 0; i < rows->size(); ++i) refusals.push_back(refusal_of(*rows, i));
  return refusals;
}

}  // namespace xgate::store
