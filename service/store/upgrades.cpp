// SPDX-License-Identifier: Apache-2.0
#include "service/store/upgrades.hpp"

#include <array>
#include <map>
#include <utility>
#include <vector>

#include "pg/array.hpp"
#include "service/store/columns.hpp"
#include "service/store/statement.hpp"
#include "service/store/upgrade_states.hpp"

namespace xgate::store {
namespace {

#define MS(column) "(extract(epoch FROM " column ") * 1000)::bigint"

constexpr std::string_view select_upgrades =
    "SELECT u.device_id, u.upgrade_id, u.job_id, u.revision, u.module, u.down_id, j.file_name, "
    "j.md5, j.size, j.time_limit_s * 1000, c.command_id, u.state, j.version, u.version_before, "
    "u.version_after, u.notified_session, u.confirmed_session, " MS("u.notified_at") ", " MS(
        "u.confirmed_at") ", " MS("u.ended_at") R"(, u.reason
FROM upgrade u JOIN upgrade_job j USING (job_id)
LEFT JOIN command c ON c.device_id = u.device_id AND c.idempotency_key = 'ota:' || u.down_id
                       AND c.settled_at IS NULL
WHERE (u.device_id = ANY($1::bigint[]) AND u.ended_at IS NULL AND u.released_at IS NOT NULL)
   OR (u.device_id = ANY($2::bigint[]) AND u.ended_at > now() - interval '30 days')
ORDER BY u.device_id, u.upgrade_id)";

// A row that somebody changed since it was read is left out; the count tells. Whoever ends an
// upgrade may have looked at the clock before its download was over, or at another machine's.
constexpr std::string_view update_upgrades = R"(
WITH new AS (
  SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[],
                       $7::text[], $8::bigint[], $9::bigint[], $10::bigint[], $11::text[],
                       $12::bigint[])
    AS said (upgrade_id, revision, state, version_before, version_after, notified_session,
             confirmed_session, notified_ms, confirmed_ms, ended_ms, reason, deadline_ms)),
locked AS (
  SELECT u.upgrade_id FROM upgrade u JOIN new USING (upgrade_id)
  WHERE u.revision = new.revision ORDER BY u.upgrade_id FOR UPDATE OF u)
UPDATE upgrade u SET
  revision = u.revision + 1, state = new.state, version_before = new.version_before,
  version_after = new.version_after, notified_session = new.notified_session,
  confirmed_session = new.confirmed_session,
  notified_at = to_timestamp(notified_ms / 1000.0), confirmed_at = to_timestamp(confirmed_ms / 1000.0),
  ended_at = CASE WHEN ended_ms IS NOT NULL THEN
    greatest(to_timestamp(ended_ms / 1000.0), u.download_started_at, u.downloaded_at) END,
  reason = new.reason,
  deadline_at = CASE WHEN ended_ms IS NOT NULL THEN NULL
                     WHEN deadline_ms IS NULL THEN u.deadline_at
                     ELSE to_timestamp(deadline_ms / 1000.0) END
FROM new JOIN locked USING (upgrade_id)
WHERE u.upgrade_id = new.upgrade_id)";

// An upgrade can end before its notice was answered: the confirmation got lost, the device had the
// version already. Left open, the notice would go out at the next login, and ask for a version that
// the device may long have left behind.
constexpr std::string_view withdraw_ended = R"(
WITH open AS (
  SELECT c.command_id, u.state FROM upgrade u
  JOIN command c ON c.device_id = u.device_id AND c.idempotency_key = 'ota:' || u.down_id
  WHERE u.upgrade_id = ANY($1::bigint[]) AND u.ended_at IS NOT NULL AND c.settled_at IS NULL
  ORDER BY c.command_id FOR UPDATE OF c)
UPDATE command c SET state = 'cancelled', settled_at = to_timestamp($2::bigint / 1000.0),
  due_at = NULL, reason = 'the upgrade has ended: ' || open.state
FROM open WHERE c.command_id = open.command_id AND c.settled_at IS NULL)";

// SKIP LOCKED: what a message is changing just now may end well.
constexpr std::string_view end_overdue = R"(
WITH due AS (
  SELECT upgrade_id FROM upgrade
  WHERE deadline_at <= to_timestamp($1::bigint / 1000.0) AND state = ANY($2::text[])
  ORDER BY deadline_at LIMIT 500 FOR UPDATE SKIP LOCKED)
UPDATE upgrade u SET
  revision = u.revision + 1, state = $3, deadline_at = NULL,
  ended_at = greatest(to_timestamp($1::bigint / 1000.0), u.download_started_at, u.downloaded_at),
  reason = 'the time limit was over before the device ' || CASE u.state
    WHEN 'pending' THEN 'reported its version'
    WHEN 'notified' THEN 'confirmed the upgrade'
    ELSE 'reported the new version' END
FROM due WHERE u.upgrade_id = due.upgrade_id)";

constexpr std::string_view select_offer = R"(
WITH told AS (
  SELECT upgrade_id, NULL AS ended_as FROM upgrade WHERE down_id = $1 AND notified_at IS NOT NULL
  UNION ALL
  SELECT upgrade_id, state FROM former_down_id WHERE down_id = $1)
SELECT u.upgrade_id, j.sha256, j.md5, j.size, u.download_started_at IS NOT NULL,
  told.ended_as IS NULL AND u.ended_at IS NULL AND u.deadline_at > now(),
  d.product_id || '.' || d.node_eui, u.job_id,
  coalesce(told.ended_as, CASE WHEN u.ended_at IS NULL THEN 'timed_out' ELSE u.state END),
  told.ended_as IS NOT NULL, coalesce(p.address, '')
FROM told JOIN upgrade u USING (upgrade_id) JOIN upgrade_job j USING (job_id)
JOIN device d USING (device_id) LEFT JOIN presence p USING (device_id))";

constexpr std::string_view delete_former =
    "DELETE FROM former_down_id WHERE ended_at < to_timestamp($1::bigint / 1000.0)";

// Also of one that is over by now: a small file is there, and reported, before this is written.
constexpr std::string_view mark_started = R"(
UPDATE upgrade SET revision = revision + 1,
  download_started_at = least(to_timestamp($5::bigint / 1000.0), ended_at),
  state = CASE WHEN state = ANY($3::text[]) THEN $4 ELSE state END
WHERE upgrade_id = $1 AND down_id = $2 AND download_started_at IS NULL)";

// More than once round, where parts were asked for twice: the first time all was sent counts.
constexpr std::string_view add_bytes = R"(
UPDATE upgrade SET bytes_sent = bytes_sent + $3::bigint,
  downloaded_at = CASE WHEN downloaded_at IS NULL AND bytes_sent + $3::bigint >= $4::bigint
                       THEN least(to_timestamp($5::bigint / 1000.0), ended_at)
                       ELSE downloaded_at END
WHERE upgrade_id = $1 AND down_id = $2)";

std::optional<std::int64_t> number_or_none(const pg::Rows& rows, int row, int column) {
  if (rows.is_null(row, column)) {
    return std::nullopt;
  }
  return rows.int64(row, column);
}

UpgradeRow upgrade_of(const pg::Rows& rows, int row) {
  const auto text = [&](int column) { return std::string(rows.text(row, column)); };
  UpgradeRow found;
  found.upgrade_id = rows.int64(row, 1);
  found.job_id = rows.int64(row, 2);
  found.revision = rows.int64(row, 3);
  found.module = text(4);
  found.down_id = text(5);
  found.file_name = text(6);
  found.md5 = text(7);
  found.size = rows.int64(row, 8);
  found.time_limit_ms = rows.int64(row, 9);
  found.command_id = number_or_none(rows, row, 10);
  protocol::Upgrade& upgrade = found.upgrade;
  upgrade.state = protocol::upgrade_state_from(rows.text(row, 11)).value_or(upgrade.state);
  upgrade.version = text(12);
  upgrade.version_before = text(13);
  upgrade.version_after = text(14);
  upgrade.notified_session = text(15);
  upgrade.confirmed_session = text(16);
  upgrade.notified_at_ms = rows.int64(row, 17);
  upgrade.confirmed_at_ms = number_or_none(rows, row, 18);
  upgrade.ended_at_ms = number_or_none(rows, row, 19);
  upgrade.reason = text(20);
  return found;
}

}  // namespace

pg::Result<void> read_upgrades(pg::Connection& connection, std::span<const std::int64_t> device_ids,
                               std::span<const std::int64_t> confirming, State& state) {
  if (device_ids.empty()) {
    return {};
  }
  const auto rows = connection.exec(select_upgrades, {id_array(device_ids), id_array(confirming)});
  if (!rows) {
    return tl::unexpected(rows.error());
  }
  for (int i = 0; i < rows->size(); ++i) {
    state.upgrades[rows->int64(i, 0)].push_back(upgrade_of(*rows, i));
  }
  return {};
}

pg::Result<void> write_upgrades(pg::Connection& connection,
                                std::span<const UpgradeChange> changes) {
  if (changes.empty()) {
    return {};
  }
  // Of several changes in a batch the last one stands; the first says what was read.
  std::map<std::int64_t, UpgradeChange> merged;
  for (const UpgradeChange& change : changes) {
    const auto [place, is_new] = merged.emplace(change.upgrade_id, change);
    if (!is_new) {
      place->second.upgrade = change.upgrade;
      if (change.deadline_at_ms) {
        place->second.deadline_at_ms = change.deadline_at_ms;
      }
    }
  }
  enum : std::size_t {
    id,
    revision,
    state,
    before,
    after,
    told,
    confirming,
    notified,
    confirmed,
    ended,
    reason,
    deadline,
    count
  };
  std::array<pg::ArrayBuilder, count> column;
  for (const auto& [upgrade_id, change] : merged) {
    const protocol::Upgrade& upgrade = change.upgrade;
    column[id].add(upgrade_id);
    column[revision].add(change.revision);
    column[state].add(protocol::to_string(upgrade.state));
    add_text(column[before], std::string_view(upgrade.version_before));
    add_text(column[after], std::string_view(upgrade.version_after));
    add_text(column[told], std::string_view(upgrade.notified_session));
    add_text(column[confirming], std::string_view(upgrade.confirmed_session));
    if (upgrade.notified_at_ms != 0) {
      column[notified].add(upgrade.notified_at_ms);
    } else {
      column[notified].add_null();
    }
    add_number(column[confirmed], upgrade.confirmed_at_ms);
    add_number(column[ended], upgrade.ended_at_ms);
    add_text(column[reason], std::string_view(upgrade.reason));
    add_number(column[deadline], change.deadline_at_ms);
  }
  std::array<pg::Param, count> params;
  for (std::size_t i = 0; i < count; ++i) {
    params[i] = column[i].take();
  }
  const auto rows = connection.exec(update_upgrades, params);
  if (!rows) {
    return tl::unexpected(rows.error());
  }
  if (rows->affected() != static_cast<std::int64_t>(merged.size())) {
    return tl::unexpected(pg::Error{
        .sqlstate = "40001",
        .message = "an upgrade was changed by somebody else meanwhile: its messages are read again",
        .connection_gone = false});
  }
  return {};
}

pg::Result<std::int64_t> withdraw_notices(pg::Connection& connection,
                                          std::span<const UpgradeChange> changes,
                                          std::int64_t now_ms) {
  std::vector<std::int64_t> ended;
  for (const UpgradeChange& change : changes) {
    if (change.upgrade.ended_at_ms) ended.push_back(change.upgrade_id);
  }
  if (ended.empty()) {
    return 0;
  }
  const auto rows = connection.exec(withdraw_ended, {id_array(ended), std::to_string(now_ms)});
  if (!rows) {
    return tl::unexpected(rows.error());
  }
  return rows->affected();
}

pg::Result<std::int64_t> end_overdue_upgrades(pg::Connection& connection, std::int64_t now_ms) {
  const auto limit = protocol::transition_of(protocol::UpgradeEvent::time_limit);
  const auto rows = connection.exec(
      end_overdue, {std::to_string(now_ms), state_array(limit.from), state_param(limit.to)});
  if (!rows) {
    return tl::unexpected(rows.error());
  }
  return rows->affected();
}

pg::Result<DownIdUse> find_offer(pg::Connection& connection, const std::string& down_id) {
  const auto rows = connection.exec(select_offer, {down_id});
  if (!rows) {
    return tl::unexpected(rows.error());
  }
  DownIdUse use;
  if (rows->size() == 0) {
    return use;
  }
  use.address = rows->text(0, 10);
  if (!rows->boolean(0, 5)) {
    use.over = {.device = std::string(rows->text(0, 6)),
                .job_id = rows->int64(0, 7),
                .state = std::string(rows->text(0, 8)),
                .begun_anew = rows->boolean(0, 9)};
    return use;
  }
  use.offer = {.upgrade_id = rows->int64(0, 0),
               .down_id = down_id,
               .sha256 = std::string(rows->text(0, 1)),
               .md5 = std::string(rows->text(0, 2)),
               .size = rows->int64(0, 3),
               .started = rows->boolean(0, 4)};
  return use;
}

pg::Result<void> forget_former_down_ids(pg::Connection& connection, std::int64_t before_ms) {
  return run(connection, delete_former, {std::to_string(before_ms)});
}

pg::Result<void> note_progress(pg::Connection& connection, const Offer& offer,
                               const Progress& progress) {
  const std::string id = std::to_string(offer.upgrade_id);
  if (progress.started_at_ms != 0) {
    const auto begun = protocol::transition_of(protocol::UpgradeEvent::download_started);
    auto done = run(connection, mark_started,
                    {id, offer.down_id, state_array(begun.from), state_param(begun.to),
                     std::to_string(progress.started_at_ms)});
    if (!done) {
      return done;
    }
  }
  if (progress.bytes == 0) {
    return {};
  }
  return run(connection, add_bytes,
             {id, offer.down_id, std::to_string(progress.bytes), std::to_string(offer.size),
              std::to_string(progress.sent_at_ms)});
}

}  // namespace xgate::store
