// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pg/connection.hpp"

// The order in which readers see the record, complete with any number of writers:
// sql/0016_ticks.sql says why. Any table with `sequence` and `written_by` can be read by it.
namespace xgate::store {

/// Which transactions had ended at a moment, as a tick keeps it.
struct Snapshot {
  std::int64_t oldest = 0;  ///< all before it had
  std::int64_t next = 0;    ///< none from here on
  std::vector<std::int64_t> running;
  bool operator==(const Snapshot&) const = default;
};

/// How far a reader has read: what comes after it is new to him. Opaque outside.
struct Position {
  /// Tells the tick from another of its number, of a copy of the database or of one that is lost.
  std::int64_t made_at_us = 0;
  std::int64_t tick = 0;
  std::int64_t sequence = 0;  ///< within the tick's batch
  /// Taken between two ticks: what this sees, he has been shown before.
  std::optional<Snapshot> seen;
  bool operator==(const Position&) const = default;
};
std::string to_text(const Position& position);  ///< of characters that a URL takes as they are
std::optional<Position> position_from(std::string_view text);

/// Everything that is stored now, and nothing else.
pg::Result<Position> present_position(pg::Connection& connection);
/// Before everything that is kept.
pg::Result<Position> earliest_position(pg::Connection& connection);
/// False: retention has passed it, or it belongs to a state of the database that is lost.
pg::Result<bool> is_kept(pg::Connection& connection, const Position& position);

/// Makes a tick where something came since the last one: whether it did.
pg::Result<bool> make_tick(pg::Connection& connection, int least_apart_ms = 0);
/// Keeps the reading of today's messages quick.
pg::Result<void> summarize_messages(pg::Connection& connection);
/// First on each connection that writes or reads positions: whether this database may be another
/// than the one that wrote last.
pg::Result<bool> enter_era(pg::Connection& connection);

/// A piece of the record, to be read by one statement.
struct Stretch {
  std::int64_t from_tick = 0;
  std::int64_t to_tick = 0;
  std::int64_t low = 0;  ///< sequences above it
  std::int64_t high = 0;
  std::optional<std::string> writers;  ///< an array: rows of these transactions only
  std::int64_t made_at_us = 0;         ///< of `to_tick`
  std::int64_t oldest = 0;             ///< of `to_tick`; 0 where it is not read to its end
};
/// None: nothing has come since. `reach`: the sequence up to which the reader would look.
pg::Result<std::optional<Stretch>> next_stretch(pg::Connection& connection,
                                                const Position& position, std::int64_t reach);

// After "FROM table r": the rows of a stretch, with `t.tick`, for ORDER BY t.tick, r.sequence.
// Takes the parameters $1…$8, which are stretch_params().
#define XGATE_ROWS_OF_STRETCH                                                     \
  " CROSS JOIN LATERAL tick_of(r.written_by) AS t(tick) WHERE r.sequence > $1"    \
  " AND r.sequence <= $2 AND t.tick BETWEEN $3 AND $4 AND NOT (r.written_by < $5" \
  " OR (r.written_by < $6 AND r.written_by <> ALL ($7::bigint[]))) AND "
// One or the other: only with the second can an index find the writers.
#define XGATE_OF_ALL_WRITERS "$8::bigint[] IS NULL"
#define XGATE_OF_WRITERS "r.written_by = ANY ($8::bigint[])"
// "r.written_by" is seen by the snapshot $1, $2, $3, which is snapshot_params().
#define XGATE_SEEN_BY_SNAPSHOT \
  "(r.written_by < $1 OR (r.written_by < $2 AND r.written_by <> ALL ($3::bigint[])))"
std::vector<pg::Param> stretch_params(const Stretch& stretch, const Position& position);
std::vector<pg::Param> snapshot_params(const Snapshot& snapshot);

/// Where the next stretch begins after one that was read to its end.
Position after_stretch(const Position& position, const Stretch& stretch);
/// The same after one of its rows.
pg::Result<Position> after_row(pg::Connection& connection, const Position& position,
                               const Stretch& stretch, std::int64_t tick, std::int64_t sequence);

/// How many sequences a reader looks through at once who has no index to go by: few where every one
/// is his, more at each further try.
inline std::int64_t look(int limit, int tried) {
  constexpr std::int64_t most = 100'000;
  return std::min(most, std::int64_t{limit} << (2 * tried));
}
/// How many stretches a page is made of, at most: then it ends, with fewer rows or none.
inline constexpr int most_stretches = 10;

template <class Row>
struct Reading {
  std::vector<Row> rows;
  Position position;  ///< after them
  bool more = false;  ///< there may be more at once
};

/// Up to `limit` rows after `position`. `reach` tells how far to look from a sequence on, at the
/// n-th try; `read` gives the rows of a stretch up to a number, each with its tick and sequence,
/// and whether it stopped before that number because they are large.
template <class Row>
pg::Result<Reading<Row>> read_on(
    pg::Connection& connection, Position position, int limit,
    const std::function<pg::Result<std::int64_t>(std::int64_t from, int tried)>& reach,
    const std::function<pg::Result<bool>(const Stretch&, const Position&, std::vector<Row>&)>&
        read) {
  Reading<Row> reading{.rows = {}, .position = std::move(position), .more = true};
  auto& at = reading.position;
  for (int tried = 0; tried < most_stretches; ++tried) {
    const auto far = reach(at.sequence, tried);
    if (!far) return tl::unexpected(far.error());
    const auto stretch = next_stretch(connection, at, *far);
    if (!stretch) return tl::unexpected(stretch.error());
    if (!*stretch) {
      reading.more = false;
      return reading;
    }
    const auto whole = read(**stretch, at, reading.rows);
    if (!whole) return tl::unexpected(whole.error());
    if (!*whole || reading.rows.size() >= static_cast<std::size_t>(limit)) {
      const Row& last = reading.rows.back();
      auto after = after_row(connection, at, **stretch, last.tick, last.sequence);
      if (!after) return tl::unexpected(after.error());
      at = std::move(*after);
      return reading;
    }
    at = after_stretch(at, **stretch);
  }
  return reading;
}

}  // namespace xgate::store
