// SPDX-License-Identifier: Apache-2.0
#include "service/store/ticks.hpp"

#include <charconv>

#include "pg/array.hpp"
#include "service/observe/log.hpp"

namespace xgate::store {
namespace {

#define XGATE_MICROSECONDS(at) "(extract(epoch FROM " at ") * 1000000)::bigint"

constexpr auto present_sql =
    "SELECT " XGATE_MICROSECONDS("t.made_at") ", t.tick_id, t.ceiling, pg_snapshot_xmin(seen)::text::bigint + e.shift, "
    "pg_snapshot_xmax(seen)::text::bigint + e.shift, "
    "array(SELECT xip::text::bigint + e.shift FROM pg_snapshot_xip(seen) xip) "
    "FROM (SELECT tick_id, made_at, ceiling FROM tick ORDER BY tick_id DESC LIMIT 1) t, "
    "(SELECT shift FROM era ORDER BY era DESC LIMIT 1) e, "
    "(SELECT pg_current_snapshot() AS seen OFFSET 0) s";
constexpr auto earliest_sql =
    "SELECT " XGATE_MICROSECONDS("made_at") ", tick_id FROM tick ORDER BY tick_id LIMIT 1";
constexpr auto made_at_sql =
    "SELECT " XGATE_MICROSECONDS("made_at") " FROM tick WHERE tick_id = $1::bigint";
constexpr auto stretch_sql =
    "SELECT from_tick, to_tick, low, high, writers, " XGATE_MICROSECONDS("made_at") ", oldest "
    "FROM next_stretch($1::bigint, $2::bigint, $3::bigint)";

std::string array_of(const std::vector<std::int64_t>& numbers) {
  pg::ArrayBuilder builder;
  for (const std::int64_t number : numbers) builder.add(number);
  return builder.take();
}

std::optional<std::vector<std::int64_t>> numbers_of(std::string_view text, char separator) {
  std::vector<std::int64_t> numbers;
  while (!text.empty()) {
    const auto part = text.substr(0, text.find(separator));
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), number);
    const bool whole = error == std::errc() && end == part.data() + part.size() && number >= 0;
    if (!whole) return std::nullopt;
    numbers.push_back(number);
    if (part.size() == text.size()) break;
    text.remove_prefix(part.size() + 1);
    if (text.empty()) return std::nullopt;
  }
  return numbers;
}

pg::Result<bool> asked(pg::Connection& connection, std::string_view sql,
                       std::initializer_list<pg::Param> params) {
  const auto rows = connection.exec(sql, params);
  if (!rows) return tl::unexpected(rows.error());
  return rows->boolean(0, 0);
}

}  // namespace

std::string to_text(const Position& position) {
  std::string text = std::to_string(position.made_at_us) + '.' + std::to_string(position.tick) +
                     '.' + std::to_string(position.sequence);
  if (!position.seen) return text;
  text += '.' + std::to_string(position.seen->oldest) + '.' + std::to_string(position.seen->next);
  for (const std::int64_t running : position.seen->running) text += '.' + std::to_string(running);
  return text;
}

std::optional<Position> position_from(std::string_view text) {
  const auto numbers = numbers_of(text, '.');
  if (!numbers || (numbers->size() != 3 && numbers->size() < 5)) return std::nullopt;
  const auto at = numbers->begin();
  Position position{at[0], at[1], at[2], std::nullopt};
  if (numbers->size() > 3) {
    position.seen = Snapshot{at[3], at[4], {at + 5, numbers->end()}};
  }
  return position;
}

pg::Result<Position> present_position(pg::Connection& connection) {
  const auto rows = connection.exec(present_sql);
  if (!rows) return tl::unexpected(rows.error());
  auto running = rows->text(0, 5);  // "{…}"
  running = running.substr(1, running.size() - 2);
  return Position{rows->int64(0, 0), rows->int64(0, 1), rows->int64(0, 2),
                  Snapshot{rows->int64(0, 3), rows->int64(0, 4), numbers_of(running, ',').value()}};
}

pg::Result<Position> earliest_position(pg::Connection& connection) {
  const auto rows = connection.exec(earliest_sql);
  if (!rows) return tl::unexpected(rows.error());
  return Position{rows->int64(0, 0), rows->int64(0, 1), 0, std::nullopt};
}

pg::Result<bool> is_kept(pg::Connection& connection, const Position& position) {
  const auto rows = connection.exec(made_at_sql, {std::to_string(position.tick)});
  if (!rows) return tl::unexpected(rows.error());
  return rows->size() == 1 && rows->int64(0, 0) == position.made_at_us;
}

pg::Result<bool> make_tick(pg::Connection& connection, int least_apart_ms) {
  return asked(connection, "SELECT make_tick($1::int) IS NOT NULL",
               {std::to_string(least_apart_ms)});
}

pg::Result<void> summarize_messages(pg::Connection& connection) {
  const auto rows = connection.exec("SELECT summarize_messages()");
  if (!rows) return tl::unexpected(rows.error());
  return {};
}

pg::Result<bool> enter_era(pg::Connection& connection) {
  auto is_another = asked(connection, "SELECT may_be_another_database()", {});
  if (!is_another || !*is_another) return is_another;
  // A consumer's connection only reads where a transaction does not say otherwise.
  if (auto begun = connection.exec_script("BEGIN READ WRITE"); !begun) {
    return tl::unexpected(begun.error());
  }
  auto entered = asked(connection, "SELECT enter_era()", {});
  const auto ended = connection.exec_script(entered ? "COMMIT" : "ROLLBACK");
  if (entered && !ended) return tl::unexpected(ended.error());
  if (entered && *entered) {
    observe::info(
        "the database was started, restored, or took another's place: readers' positions hold, as "
        "far as it has what they had read");
  }
  return entered;
}

pg::Result<std::optional<Stretch>> next_stretch(pg::Connection& connection,
                                                const Position& position, std::int64_t reach) {
  const auto rows = connection.exec(
      stretch_sql,
      {std::to_string(position.tick), std::to_string(position.sequence), std::to_string(reach)});
  if (!rows) return tl::unexpected(rows.error());
  if (rows->size() == 0) return std::nullopt;
  return Stretch{rows->int64(0, 0),         rows->int64(0, 1), rows->int64(0, 2), rows->int64(0, 3),
                 rows->optional_text(0, 4), rows->int64(0, 5), rows->int64(0, 6)};
}

std::vector<pg::Param> snapshot_params(const Snapshot& snapshot) {
  return {std::to_string(snapshot.oldest), std::to_string(snapshot.next),
          array_of(snapshot.running)};
}

std::vector<pg::Param> stretch_params(const Stretch& stretch, const Position& position) {
  std::vector<pg::Param> params{std::to_string(stretch.low), std::to_string(stretch.high),
                                std::to_string(stretch.from_tick), std::to_string(stretch.to_tick)};
  for (auto& param : snapshot_params(position.seen.value_or(Snapshot{}))) {
    params.push_back(std::move(param));
  }
  params.emplace_back(stretch.writers);
  return params;
}

Position after_stretch(const Position& position, const Stretch& stretch) {
  Position after{stretch.made_at_us, stretch.to_tick, stretch.high, position.seen};
  // From a tick on that sees all that the snapshot sees, none of it comes any more.
  if (after.seen && stretch.oldest >= after.seen->next) after.seen.reset();
  return after;
}

pg::Result<Position> after_row(pg::Connection& connection, const Position& position,
                               const Stretch& stretch, std::int64_t tick, std::int64_t sequence) {
  if (tick == stretch.to_tick && sequence == stretch.high) return after_stretch(position, stretch);
  const auto rows = connection.exec(made_at_sql, {std::to_string(tick)});
  if (!rows) return tl::unexpected(rows.error());
  // Retention may have passed it just now: then the position is one that is not kept.
  return Position{rows->size() == 0 ? 0 : rows->int64(0, 0), tick, sequence, position.seen};
}

}  // namespace xgate::store
