// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pg/connection.hpp"
#include "service/store/rows.hpp"
#include "service/store/scope.hpp"
#include "service/store/ticks.hpp"

// What was said and what was refused, as the API reads it. Writing is the pipeline's.
namespace xgate::store {

struct LoggedMessage {
  std::int64_t sequence = 0;
  std::int64_t tick = 0;  ///< 0 where it was not asked for
  std::string received_at;
  std::string product_id;
  std::string node_eui;
  std::string topic;
  std::optional<std::string> message_id;  ///< JSON text
  std::optional<std::int64_t> header_ctrl;
  std::optional<std::string> payload;  ///< JSON text
  bool encrypted = false;
  std::string raw;  ///< bytes
  bool redelivered = false;
  std::optional<std::string> code;
  std::optional<std::string> requirement;
  std::optional<std::string> reason;
  std::optional<std::string> note;
  bool warning = false;
  std::optional<std::string> explanation;
  std::optional<std::string> key_reading;
};

struct LoggedRefusal {
  std::int64_t sequence = 0;
  std::int64_t tick = 0;
  std::string refused_at;
  Refusal refusal;
};

/// What became of a message; a warned one was accepted too.
enum class Judged : std::uint8_t { any, accepted, warned, refused };

/// Whose rows, and which of them; unset members do not restrict.
struct RecordFilter {
  std::optional<std::string> product_id = {};
  std::optional<std::string> node_eui = {};
  /// Within it, and of each product what came since it was made: another vendor's may have had its
  /// id before, and what that one said is kept.
  Scope scope = {};
  std::optional<std::int64_t> since_ms = {};  ///< received or refused from then on
  std::optional<std::int64_t> until_ms = {};  ///< before then
  // of messages only
  std::optional<std::string> topic = {};  ///< an SQL regular expression
  Judged judged = Judged::any;
  std::optional<std::string> code = {};
  std::optional<std::string> requirement = {};
};

/// Newest first: what a snapshot sees and comes before a sequence.
struct Backwards {
  Snapshot seen;
  std::optional<std::int64_t> before;  ///< unset: from the newest
  int limit = 100;
};
template <class Row>
struct Older {
  std::vector<Row> rows;
  std::int64_t before = 0;  ///< where to go on, where there is `more`
  bool more = false;
};

/// Where a filter leaves out rows, a page may end before `limit`, or hold none, with `more`: only
/// so many rows are looked at for it. It also ends once its raw bytes and payloads together have
/// reached this size.
inline constexpr std::size_t page_bytes = std::size_t{4} << 20U;

/// Whether any message that the filter takes is kept.
pg::Result<bool> has_messages(pg::Connection& connection, const RecordFilter& filter);

// Of LoggedMessage or LoggedRefusal:

template <class Row>
pg::Result<Older<Row>> read_older(pg::Connection& connection, const RecordFilter& filter,
                                  const Backwards& from);

/// Oldest first, in the order of ticks; see there.
template <class Row>
pg::Result<Reading<Row>> read_newer(pg::Connection& connection, const RecordFilter& filter,
                                    const Position& after, int limit);

}  // namespace xgate::store
