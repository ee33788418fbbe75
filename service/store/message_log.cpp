// SPDX-License-Identifier: Apache-2.0
#include "service/store/message_log.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "service/store/rfc3339.hpp"

namespace xgate::store {
namespace {

constexpr std::int64_t highest = std::numeric_limits<std::int64_t>::max();

#define ACCEPTED "r.requirement IS NULL AND (r.code IS NULL OR r.code IN ('200', '0'))"

/// What is read of a table, row by row.
template <class Row>
struct Record;

template <>
struct Record<LoggedMessage> {
  static constexpr const char* table = "message";
  /// `inner` finds rows and sizes without reading the large values; `bytes` is the parameter that
  /// bounds their sum.
  static std::string select(const std::string& inner, const std::string& order,
                            const std::string& bytes) {
    const std::string size = "octet_length(raw) + coalesce(octet_length(payload), 0)";
    return "SELECT sequence, tick, " XGATE_RFC3339("received_at") ", topic, message_id, "
           "header_ctrl, payload, encrypted, raw, redelivered, code, requirement, reason, note, "
           "warning, explanation, key_reading, product_id, node_eui FROM (SELECT *, sum(" + size +
           ") OVER (ORDER BY " + order + ") - (" + size + ") AS bytes_before FROM (" + inner +
           ") page) sized WHERE bytes_before < " + bytes + " ORDER BY " + order;
  }
  static std::size_t bytes_of(const LoggedMessage& message) {
    return message.raw.size() + (message.payload ? message.payload->size() : 0);
  }
  static LoggedMessage row_of(const pg::Rows& rows, int row) {
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
    message.product_id = rows.text(row, 17);
    message.node_eui = rows.text(row, 18);
    return message;
  }
};

template <>
struct Record<LoggedRefusal> {
  static constexpr const char* table = "refusal";
  static std::string select(const std::string& inner, const std::string& order,
                            const std::string& bytes) {
    return "SELECT sequence, tick, " XGATE_RFC3339("refused_at") ", what, broker, product_id, "
           "node_eui, client_id, username, address, topic, requirement, reason, explanation FROM "
           "(" + inner + ") page WHERE " + bytes + "::bigint > 0 ORDER BY " + order;
  }
  static std::size_t bytes_of(const LoggedRefusal& /*refusal*/) { return 0; }  // of bounded size
  static LoggedRefusal row_of(const pg::Rows& rows, int row) {
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
};

/// "AND … AND …", with parameters from a number on.
class Conditions {
 public:
  explicit Conditions(std::size_t first) : first_(first) {}

  void add(std::string_view condition) { sql_.append(" AND ").append(condition); }
  /// `before` and `after` stand around the parameter.
  void add(std::string_view before, std::string value, std::string_view after = {}) {
    add(before);
    sql_.append("$" + std::to_string(first_ + params_.size())).append(after);
    params_.emplace_back(std::move(value));
  }
  void add_scope(const Scope& scope, const std::string& time) {
    const auto next = first_ + params_.size();
    add("EXISTS (SELECT FROM product p WHERE p.product_id = r.product_id AND p.created_at <= " +
        time + " AND in_scope(p.open_id, p.product_id, $" + std::to_string(next) + ", $" +
        std::to_string(next + 1) + "))");
    params_.emplace_back(scope.open_id);
    params_.emplace_back(scope.product_id);
  }
  void add_time(std::string_view before, std::int64_t ms) {
    add(std::string(before) + "to_timestamp(", std::to_string(ms), "::float8 / 1000)");
  }

  const std::string& sql() const noexcept { return sql_; }
  void add_params(std::vector<pg::Param>& params) const {
    params.insert(params.end(), params_.begin(), params_.end());
  }

 private:
  std::size_t first_;
  std::string sql_;
  std::vector<pg::Param> params_;
};

/// Whose rows: what an index may tell.
Conditions scope_of(const RecordFilter& filter, std::size_t first) {
  Conditions scope(first);
  if (filter.product_id) scope.add("r.product_id = ", *filter.product_id);
  if (filter.node_eui) scope.add("r.node_eui = ", *filter.node_eui);
  return scope;
}

Conditions conditions_of(std::string_view table, const RecordFilter& filter, std::size_t first) {
  Conditions all = scope_of(filter, first);
  const std::string time = table == "message" ? "r.received_at" : "r.refused_at";
  if (!filter.scope.is_platform()) all.add_scope(filter.scope, time);
  if (filter.since_ms) all.add_time(time + " >= ", *filter.since_ms);
  if (filter.until_ms) all.add_time(time + " < ", *filter.until_ms);
  if (filter.topic) all.add("r.topic ~ ", *filter.topic);
  if (filter.judged == Judged::accepted) all.add(ACCEPTED);
  if (filter.judged == Judged::warned) all.add("r.warning AND " ACCEPTED);
  if (filter.judged == Judged::refused) all.add("NOT (" ACCEPTED ")");
  if (filter.code) all.add("r.code = ", *filter.code);
  if (filter.requirement) all.add("r.requirement = ", *filter.requirement);
  return all;
}

/// Whether it takes only some of the rows in its scope.
bool is_choosy(const RecordFilter& filter) {
  return !filter.scope.is_platform() || filter.since_ms || filter.until_ms || filter.topic ||
         filter.judged != Judged::any || filter.code || filter.requirement;
}

/// Of a stretch, $9 rows at most; conditions from $11 on.
constexpr std::size_t first_of_stretch = 11;
std::string rows_of_stretch(const std::string& table, const Stretch& stretch,
                            const Conditions& conditions) {
  return "SELECT r.*, t.tick FROM " + table + " r" XGATE_ROWS_OF_STRETCH +
         (stretch.writers ? XGATE_OF_WRITERS : XGATE_OF_ALL_WRITERS) + conditions.sql() +
         " ORDER BY t.tick, r.sequence LIMIT $9";
}
/// Those that a snapshot sees, with sequences between $4 and $5, the newest $6 of them; conditions
/// from $8 on.
constexpr std::size_t first_of_seen = 8;
std::string rows_seen(const std::string& table, const Conditions& conditions) {
  return "SELECT r.*, 0 AS tick FROM " + table +
         " r WHERE " XGATE_SEEN_BY_SNAPSHOT " AND r.sequence > $4 AND r.sequence < $5" +
         conditions.sql() + " ORDER BY r.sequence DESC LIMIT $6";
}

/// Whether an index gives its rows by sequence.
bool is_indexed(std::string_view table, const RecordFilter& filter) {
  const bool all = !filter.product_id && !filter.node_eui;
  return (filter.product_id && filter.node_eui) || (all && table == "refusal");
}

/// How far a look goes from a sequence, at the n-th try.
using Reach = std::function<pg::Result<std::int64_t>(std::int64_t, int)>;

/// The sequence that is so many of the scope's rows away, where there are so many.
pg::Result<std::optional<std::int64_t>> sequence_after(pg::Connection& connection,
                                                       const std::string& table,
                                                       const RecordFilter& filter, bool forwards,
                                                       std::int64_t from, std::int64_t rows) {
  const auto scope = scope_of(filter, 3);
  std::vector<pg::Param> params{std::to_string(from), std::to_string(rows)};
  scope.add_params(params);
  const auto found = connection.exec(
      "SELECT r.sequence FROM " + table + " r WHERE r.sequence " + (forwards ? ">" : "<") + " $1" +
          scope.sql() + " ORDER BY r.sequence " + (forwards ? "" : "DESC ") + "LIMIT 1 OFFSET $2",
      params);
  if (!found) return tl::unexpected(found.error());
  if (found->size() == 0) return std::nullopt;
  return found->int64(0, 0);
}

/// read_on()'s `reach`: where an index tells, as far as the page's last row.
Reach reach_on(pg::Connection& connection, const std::string& table, const RecordFilter& filter,
               int limit) {
  if (!is_indexed(table, filter)) {
    return [limit](std::int64_t from, int tried) { return from + look(limit, tried); };
  }
  return [&connection, table, filter, limit](std::int64_t from,
                                             int tried) -> pg::Result<std::int64_t> {
    const auto rows = is_choosy(filter) ? look(limit, tried) : limit;
    const auto last = sequence_after(connection, table, filter, true, from, rows);
    if (!last) return tl::unexpected(last.error());
    return last->value_or(highest);
  };
}

/// read_back()'s: the sequence above which it looks. All at once where an index gives just the rows
/// that are wanted, and of refusals, which are few enough.
Reach reach_back(pg::Connection& connection, const std::string& table, const RecordFilter& filter,
                 int limit) {
  const bool indexed = is_indexed(table, filter);
  if (table == Record<LoggedRefusal>::table || (indexed && !is_choosy(filter))) {
    return [](std::int64_t, int) { return 0; };
  }
  if (!indexed) {
    return [limit](std::int64_t from, int tried) { return from - look(limit, tried); };
  }
  return [&connection, table, filter, limit](std::int64_t from,
                                             int tried) -> pg::Result<std::int64_t> {
    const auto last = sequence_after(connection, table, filter, false, from, look(limit, tried));
    if (!last) return tl::unexpected(last.error());
    return last->value_or(1) - 1;
  };
}

/// Where the rows of a filter lie: sequences above `floor` and below `top`.
struct Bounds {
  std::int64_t floor = 0;
  std::int64_t top = highest;
};
pg::Result<Bounds> bounds_of(pg::Connection& connection, const RecordFilter& filter) {
  Bounds bounds;
  const auto time = [](const std::optional<std::int64_t>& ms) {
    return ms ? pg::Param(std::to_string(*ms)) : std::nullopt;
  };
  if (filter.since_ms || filter.until_ms) {
    const auto rows = connection.exec(
        "SELECT floor, ceiling FROM sequences_of_time(to_timestamp($1::float8 / 1000), "
        "to_timestamp($2::float8 / 1000))",
        {time(filter.since_ms), time(filter.until_ms)});
    if (!rows) return tl::unexpected(rows.error());
    bounds.floor = rows->int64(0, 0);
    if (!rows->is_null(0, 1)) bounds.top = rows->int64(0, 1) + 1;
  }
  if (bounds.top == highest) {
    const auto last = connection.exec("SELECT last_sequence()");
    if (!last) return tl::unexpected(last.error());
    bounds.top = last->int64(0, 0) + 1;
  }
  return bounds;
}

template <class Row>
std::size_t bytes_of(const std::vector<Row>& rows) {
  std::size_t bytes = 0;
  for (const Row& row : rows) bytes += Record<Row>::bytes_of(row);
  return bytes;
}

/// Adds the rows to `found`: how many they were.
template <class Row>
pg::Result<int> add_rows(pg::Connection& connection, const std::string& sql,
                         std::span<const pg::Param> params, std::vector<Row>& found) {
  const auto rows = connection.exec(sql, params);
  if (!rows) return tl::unexpected(rows.error());
  for (int i = 0; i < rows->size(); ++i) found.push_back(Record<Row>::row_of(*rows, i));
  return rows->size();
}

/// Newest first, look by look: where no index tells, each goes further back than the one before.
/// `read` adds the rows between two sequences, up to a number: false where it stopped for their
/// size.
template <class Row>
pg::Result<Older<Row>> read_back(
    const Bounds& bounds, const Reach& reach, const Backwards& from,
    const std::function<pg::Result<bool>(std::int64_t, std::int64_t, int, std::vector<Row>&)>&
        read) {
  Older<Row> older;
  older.before = from.before.value_or(bounds.top);
  const auto any_left = [&] { return older.before > bounds.floor + 1; };
  for (int tried = 0; tried < most_stretches && any_left(); ++tried) {
    const auto far = reach(older.before, tried);
    if (!far) return tl::unexpected(far.error());
    const auto low = std::max(*far, bounds.floor);
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
  older.more = any_left();
  return older;
}

}  // namespace

pg::Result<bool> has_messages(pg::Connection& connection, const RecordFilter& filter) {
  const auto conditions = conditions_of("message", filter, 1);
  std::vector<pg::Param> params;
  conditions.add_params(params);
  const auto rows = connection.exec(
      "SELECT EXISTS (SELECT FROM message r WHERE true" + conditions.sql() + ")", params);
  if (!rows) return tl::unexpected(rows.error());
  return rows->boolean(0, 0);
}

template <class Row>
pg::Result<Older<Row>> read_older(pg::Connection& connection, const RecordFilter& filter,
                                  const Backwards& from) {
  const auto bounds = bounds_of(connection, filter);
  if (!bounds) return tl::unexpected(bounds.error());
  const std::string table = Record<Row>::table;
  const auto conditions = conditions_of(table, filter, first_of_seen);
  const auto sql = Record<Row>::select(rows_seen(table, conditions), "sequence DESC", "$7");
  return read_back<Row>(*bounds, reach_back(connection, table, filter, from.limit), from,
                        [&](std::int64_t low, std::int64_t before, int wanted,
                            std::vector<Row>& found) -> pg::Result<bool> {
                          auto params = snapshot_params(from.seen);
                          for (const std::int64_t number : {low, before, std::int64_t{wanted}}) {
                            params.emplace_back(std::to_string(number));
                          }
                          params.emplace_back(std::to_string(page_bytes - bytes_of(found)));
                          conditions.add_params(params);
                          const auto added = add_rows(connection, sql, params, found);
                          if (!added) return tl::unexpected(added.error());
                          return *added >= wanted || bytes_of(found) < page_bytes;
                        });
}

template <class Row>
pg::Result<Reading<Row>> read_newer(pg::Connection& connection, const RecordFilter& filter,
                                    const Position& after, int limit) {
  const std::string table = Record<Row>::table;
  const auto conditions = conditions_of(table, filter, first_of_stretch);
  return read_on<Row>(
      connection, after, limit, reach_on(connection, table, filter, limit),
      [&](const Stretch& stretch, const Position& at, std::vector<Row>& found) -> pg::Result<bool> {
        const auto sql = Record<Row>::select(rows_of_stretch(table, stretch, conditions),
                                             "tick, sequence", "$10");
        auto params = stretch_params(stretch, at);
        params.emplace_back(std::to_string(limit - static_cast<int>(found.size())));
        params.emplace_back(std::to_string(page_bytes - bytes_of(found)));
        conditions.add_params(params);
        if (const auto added = add_rows(connection, sql, params, found); !added) {
          return tl::unexpected(added.error());
        }
        return bytes_of(found) < page_bytes;
      });
}

template pg::Result<Older<LoggedMessage>> read_older(pg::Connection&, const RecordFilter&,
                                                     const Backwards&);
template pg::Result<Older<LoggedRefusal>> read_older(pg::Connection&, const RecordFilter&,
                                                     const Backwards&);
template pg::Result<Reading<LoggedMessage>> read_newer(pg::Connection&, const RecordFilter&,
                                                       const Position&, int);
template pg::Result<Reading<LoggedRefusal>> read_newer(pg::Connection&, const RecordFilter&,
                                                       const Position&, int);

}  // namespace xgate::store
