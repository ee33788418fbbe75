// SPDX-License-Identifier: Apache-2.0
#include "service/store/message_log.hpp"

#include <limits>
#include <utility>

#include "service/store/rfc3339.hpp"

namespace xgate::store {
namespace {

// The inner SELECT finds rows and sizes without reading the large values.
#define MESSAGES(inner, order, bytes) \
  "SELECT sequence, tick, " XGATE_RFC3339("received_at") ", topic, message_id, header_ctrl, "     \
  "payload, encrypted, raw, redelivered, code, requirement, reason, note, warning, explanation, " \
  "key_reading FROM (" \
  "SELECT *, sum(octet_length(raw) + coalesce(octet_length(payload), 0)) OVER (ORDER BY " order   \
  ") - octet_length(raw) - coalesce(octet_length(payload), 0) AS bytes_before FROM (" + (inner) + \
  ") page) sized WHERE bytes_before < " bytes " ORDER BY " order

// Of bounded size: the parameter that bounds messages' bytes is of no interest.
#define REFUSALS(inner, order, bytes) \
  "SELECT sequence, tick, " XGATE_RFC3339("refused_at") ", what, broker, product_id, node_eui, "   \
  "client_id, username, address, topic, requirement, reason, explanation FROM (" + (inner) +       \
  ") page WHERE " bytes "::bigint = 0 ORDER BY " order

constexpr std::int64_t highest = std::numeric_limits<std::int64_t>::max();

/// "AND …" with parameters from `$first` on, which scope_params() are.
std::string scope_sql(const RecordFilter& filter, int first) {
  std::string text;
  if (filter.product_id) text += " AND r.product_id = $" + std::to_string(first++);
  if (filter.node_eui) text += " AND r.node_eui = $" + std::to_string(first);
  return text;
}
void add_scope(std::vector<pg::Param>& params, const RecordFilter& filter) {
  if (filter.product_id) params.emplace_back(filter.product_id);
  if (filter.node_eui) params.emplace_back(filter.node_eui);
}

/// Of a stretch, $9 rows at most; the scope from $11 on.
std::string rows_of_stretch(const std::string& table, const Stretch& stretch,
                            const RecordFilter& filter) {
  return "SELECT r.*, t.tick FROM " + table + " r" XGATE_ROWS_OF_STRETCH +
         (stretch.writers ? XGATE_OF_WRITERS : XGATE_OF_ALL_WRITERS) + scope_sql(filter, 11) +
         " ORDER BY t.tick, r.sequence LIMIT $9";
}
/// Those that a snapshot sees, with sequences between $4 and $5, the newest $6 of them; the scope
/// from $8 on.
std::string rows_seen(const std::string& table, const RecordFilter& filter) {
  return "SELECT r.*, 0 AS tick FROM " + table +
         " r WHERE " XGATE_SEEN_BY_SNAPSHOT " AND r.sequence > $4 AND r.sequence < $5" +
         scope_sql(filter, 8) + " ORDER BY r.sequence DESC LIMIT $6";
}

/// Whether an index gives its rows by sequence.
bool is_indexed(std::string_view table, const RecordFilter& filter) {
  const bool all = !filter.product_id && !filter.node_eui;
  return (filter.product_id && filter.node_eui) || (all && table == "refusal");
}

/// read_on()'s `reach`: where an index tells, as far as the page's last row.
std::function<pg::Result<std::int64_t>(std::int64_t, int)> reach_of(pg::Connection& connection,
                                                                    const std::string& table,
                                                                    const RecordFilter& filter,
                                                                    int limit) {
  if (!is_indexed(table, filter)) {
    return [limit](std::int64_t from, int tried) { return from + look(limit, tried); };
  }
  return [&connection, table, filter, limit](std::int64_t from, int) -> pg::Result<std::int64_t> {
    std::vector<pg::Param> params{std::to_string(from), std::to_string(limit)};
    add_scope(params, filter);
    const auto rows =
        connection.exec("SELECT r.sequence FROM " + table + " r WHERE r.sequence > $1" +
                            scope_sql(filter, 3) + " ORDER BY r.sequence LIMIT 1 OFFSET $2",
                        params);
    if (!rows) return tl::unexpected(rows.error());
    return rows->size() == 0 ? highest : rows->int64(0, 0);
  };
}

std::size_t bytes_of(const LoggedMessage& message) {
  return message.raw.size() + (message.payload ? message.payload->size() : 0);
}
std::size_t bytes_of(const std::vector<LoggedMessage>& messages) {
  std::size_t bytes = 0;
  for (const auto& message : messages) bytes += bytes_of(message);
  return bytes;
}

LoggedMessage message_of(const pg::Rows& rows, int row) {
  LoggedMessage message;
  message.sequence = rows.int64(row, 0);
  message.tick = rows.int64(row, 1);
  message.received_at = rows.text(row, 2);
  message.topic = rows.text(row, 3);
  message.message_id = rows.optional_text(row, 4);
  if (!rows.is_null(row, 5)) message.header_ctrl = rows.int64(row, 5);
  message.payload = rows.optional_text(row, 6);
  message.encrypted = rows.boolean(row, 7);
  message.raw = rows.bytea(row, 8);
  message.redelivered = rows.boolean(row, 9);
  message.code = rows.optional_text(row, 10);
  message.requirement = rows.optional_text(row, 11);
  message.reason = rows.optional_text(row, 12);
  message.note = rows.optional_text(row, 13);
  message.warning = rows.boolean(row, 14);
  message.explanation = rows.optional_text(row, 15);
  message.key_reading = rows.optional_text(row, 16);
  return message;
}

LoggedRefusal refusal_of(const pg::Rows& rows, int row) {
  const auto text = [&](int column) { return std::string(rows.text(row, column)); };
  return {.sequence = rows.int64(row, 0),
          .tick = rows.int64(row, 1),
          .refused_at = text(2),
          .refusal = {.what = text(3),
                      .broker = text(4),
                      .product_id = rows.optional_text(row, 5),
                      .node_eui = rows.optional_text(row, 6),
                      .client_id = text(7),
                      .username = text(8),
                      .address = text(9),
                      .topic = rows.optional_text(row, 10),
                      .requirement = text(11),
                      .reason = text(12),
                      .explanation = rows.optional_text(row, 13)}};
}

/// Adds the rows to `found`: how many they were.
pg::Result<int> add_messages(pg::Connection& connection, std::string_view sql,
                             std::span<const pg::Param> params, std::vector<LoggedMessage>& found) {
  const auto rows = connection.exec(sql, params);
  if (!rows) return tl::unexpected(rows.error());
  for (int i = 0; i < rows->size(); ++i) found.push_back(message_of(*rows, i));
  return rows->size();
}
pg::Result<int> add_refusals(pg::Connection& connection, std::string_view sql,
                             std::span<const pg::Param> params, std::vector<LoggedRefusal>& found) {
  const auto rows = connection.exec(sql, params);
  if (!rows) return tl::unexpected(rows.error());
  for (int i = 0; i < rows->size(); ++i) found.push_back(refusal_of(*rows, i));
  return rows->size();
}

/// Newest first, look by look: where no index tells, each goes twice as far back as the one before.
/// `read` adds the rows between two sequences, up to a number: false where it stopped for their
/// size.
template <class Row>
pg::Result<Older<Row>> read_back(
    pg::Connection& connection, bool indexed, const Backwards& from,
    const std::function<pg::Result<bool>(std::int64_t, std::int64_t, int, std::vector<Row>&)>&
        read) {
  Older<Row> older;
  older.before = from.before.value_or(highest);
  if (!indexed && !from.before) {
    const auto last = connection.exec("SELECT last_sequence()");
    if (!last) return tl::unexpected(last.error());
    older.before = last->int64(0, 0) + 1;
  }
  for (int tried = 0; tried < most_stretches && older.before > 0; ++tried) {
    const auto low = indexed ? -1 : older.before - look(from.limit, tried);
    const int wanted = from.limit + 1 - static_cast<int>(older.rows.size());
    const auto whole = read(low, older.before, wanted, older.rows);
    if (!whole) return tl::unexpected(whole.error());
    const bool full = older.rows.size() > static_cast<std::size_t>(from.limit);
    if (full) older.rows.pop_back();
    if (full || !*whole) {
      older.before = older.rows.back().sequence;
      older.more = true;
      return older;
    }
    older.before = low + 1;
  }
  older.more = older.before > 0;
  return older;
}

}  // namespace

pg::Result<Older<LoggedMessage>> read_messages(pg::Connection& connection,
                                               const RecordFilter& filter, const Backwards& from) {
  const auto sql = MESSAGES(rows_seen("message", filter), "sequence DESC", "$7");
  return read_back<LoggedMessage>(
      connection, is_indexed("message", filter), from,
      [&](std::int64_t low, std::int64_t before, int wanted,
          std::vector<LoggedMessage>& found) -> pg::Result<bool> {
        const auto bytes = bytes_of(found);
        auto params = snapshot_params(from.seen);
        for (const std::int64_t number : {low, before, std::int64_t{wanted}}) {
          params.emplace_back(std::to_string(number));
        }
        params.emplace_back(std::to_string(page_bytes - bytes));
        add_scope(params, filter);
        const auto added = add_messages(connection, sql, params, found);
        if (!added) return tl::unexpected(added.error());
        return *added >= wanted || bytes_of(found) < page_bytes;
      });
}

pg::Result<Reading<LoggedMessage>> follow_messages(pg::Connection& connection,
                                                   const RecordFilter& filter,
                                                   const Position& after, int limit) {
  return read_on<LoggedMessage>(
      connection, after, limit, reach_of(connection, "message", filter, limit),
      [&](const Stretch& stretch, const Position& at,
          std::vector<LoggedMessage>& found) -> pg::Result<bool> {
        const auto bytes = bytes_of(found);
        const auto sql =
            MESSAGES(rows_of_stretch("message", stretch, filter), "tick, sequence", "$10");
        auto params = stretch_params(stretch, at);
        params.emplace_back(std::to_string(limit - static_cast<int>(found.size())));
        params.emplace_back(std::to_string(page_bytes - bytes));
        add_scope(params, filter);
        if (const auto added = add_messages(connection, sql, params, found); !added) {
          return tl::unexpected(added.error());
        }
        return bytes_of(found) < page_bytes;
      });
}

pg::Result<Older<LoggedRefusal>> read_refusals(pg::Connection& connection,
                                               const RecordFilter& filter, const Backwards& from) {
  const auto sql = REFUSALS(rows_seen("refusal", filter), "sequence DESC", "$7");
  // Few enough to be looked through by their sequence, whatever the filter.
  return read_back<LoggedRefusal>(
      connection, true, from,
      [&](std::int64_t low, std::int64_t before, int wanted,
          std::vector<LoggedRefusal>& found) -> pg::Result<bool> {
        auto params = snapshot_params(from.seen);
        for (const std::int64_t number : {low, before, std::int64_t{wanted}, std::int64_t{0}}) {
          params.emplace_back(std::to_string(number));
        }
        add_scope(params, filter);
        const auto added = add_refusals(connection, sql, params, found);
        if (!added) return tl::unexpected(added.error());
        return true;
      });
}

pg::Result<Reading<LoggedRefusal>> follow_refusals(pg::Connection& connection,
                                                   const RecordFilter& filter,
                                                   const Position& after, int limit) {
  return read_on<LoggedRefusal>(
      connection, after, limit, reach_of(connection, "refusal", filter, limit),
      [&](const Stretch& stretch, const Position& at,
          std::vector<LoggedRefusal>& found) -> pg::Result<bool> {
        const auto sql =
            REFUSALS(rows_of_stretch("refusal", stretch, filter), "tick, sequence", "$10");
        auto params = stretch_params(stretch, at);
        params.emplace_back(std::to_string(limit - static_cast<int>(found.size())));
        params.emplace_back("0");
        add_scope(params, filter);
        if (const auto added = add_refusals(connection, sql, params, found); !added) {
          return tl::unexpected(added.error());
        }
        return true;
      });
}

}  // namespace xgate::store
