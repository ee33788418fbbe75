// SPDX-License-Identifier: Apache-2.0
#include "service/store/upgrade_jobs.hpp"

#include <map>
#include <utility>

#include "protocol/command_payload.hpp"
#include "service/store/columns.hpp"
#include "service/store/commands.hpp"
#include "service/store/rfc3339.hpp"
#include "service/store/statement.hpp"
#include "service/store/upgrade_states.hpp"

namespace xgate::store {
namespace {

#define JOB_COLUMNS                                                               \
  "job_id, product_id, module, version, image_id, file_name, size, md5, sha256, " \
  "time_limit_s, " XGATE_RFC3339("created_at") ", " XGATE_RFC3339("cancelled_at")

// The lock keeps the image until the job stands.
constexpr auto insert_job_sql = R"(
INSERT INTO upgrade_job (product_id, module, version, image_id, file_name, size, md5, sha256,
                         time_limit_s)
SELECT product_id, module, version, image_id, file_name, size, md5, sha256, $4::bigint
FROM firmware_image WHERE product_id = $1 AND module = $2 AND version = $3 FOR KEY SHARE
RETURNING job_id)";

// Where the version is not new to a device; one that is named is taken all the same.
#define HAS_VERSION                                                                             \
  "($4::text[] IS NULL AND EXISTS (SELECT FROM firmware f WHERE f.device_id = d.device_id AND " \
  "f.module = $3 AND f.soft_ver = $5))"

// In the devices' order, so that two jobs which begin at once cannot deadlock.
constexpr auto insert_upgrades_sql = R"(
INSERT INTO upgrade (job_id, device_id, module, rank, down_id)
SELECT $1::bigint, device_id, $3, hashtextextended(product_id || '.' || node_eui, $1::bigint),
  new_down_id((SELECT down_id_length FROM product WHERE product_id = $2))
FROM device d
WHERE product_id = $2 AND ($4::text[] IS NULL OR node_eui = ANY($4::text[])) AND NOT )" HAS_VERSION
                                     R"(
ORDER BY device_id
ON CONFLICT (device_id, module) WHERE ended_at IS NULL DO NOTHING)";

constexpr auto busy_sql = R"(
SELECT DISTINCT u.job_id FROM upgrade u JOIN device d USING (device_id)
WHERE d.product_id = $1 AND u.module = $2 AND u.ended_at IS NULL
  AND ($3::text[] IS NULL OR d.node_eui = ANY($3::text[]))
ORDER BY u.job_id LIMIT 5)";

// Whoever came in between, or is free by now, is neither.
constexpr auto left_out_sql = R"(
SELECT d.node_eui, other.job_id, count(*) OVER (), count(other.job_id) OVER ()
FROM device d
LEFT JOIN upgrade other ON other.device_id = d.device_id AND other.module = $3
                       AND other.ended_at IS NULL
WHERE d.product_id = $2 AND ($4::text[] IS NULL OR d.node_eui = ANY($4::text[]))
  AND other.job_id IS DISTINCT FROM $1::bigint
  AND (other.job_id IS NOT NULL OR )" HAS_VERSION R"()
ORDER BY other.job_id NULLS FIRST, d.node_eui LIMIT $6)";

constexpr auto unknown_sql = R"(
SELECT node_eui FROM unnest($2::text[]) AS named (node_eui)
WHERE NOT EXISTS (SELECT 1 FROM device d
                  WHERE d.product_id = $1 AND d.node_eui = named.node_eui)
LIMIT 20)";

constexpr auto find_job_sql = "SELECT " JOB_COLUMNS " FROM upgrade_job WHERE job_id = $1";
constexpr auto lock_job_sql =
    "SELECT " JOB_COLUMNS " FROM upgrade_job WHERE job_id = $1 FOR UPDATE";
constexpr auto list_jobs_sql =
    "SELECT " JOB_COLUMNS
    " FROM upgrade_job WHERE ($1 = '' OR product_id = $1) AND product_id IN "
    "(SELECT p.product_id FROM product p WHERE in_scope(p.open_id, p.product_id, $4, $5)) "
    "AND ($2 = '' OR job_id < $2::bigint) ORDER BY job_id DESC LIMIT $3";
constexpr auto counts_sql =
    "SELECT job_id, state, count(*), count(released_at) FROM upgrade "
    "WHERE job_id = ANY($1::bigint[]) GROUP BY job_id, state";

constexpr auto release_sql = R"(
WITH chosen AS (
  SELECT upgrade_id FROM upgrade
  WHERE job_id = $1 AND released_at IS NULL AND ended_at IS NULL
  ORDER BY rank, upgrade_id LIMIT $2::bigint FOR UPDATE)
UPDATE upgrade u SET revision = u.revision + 1, released_at = now(),
  deadline_at = now() + make_interval(secs => j.time_limit_s)
FROM chosen, upgrade_job j
WHERE u.upgrade_id = chosen.upgrade_id AND j.job_id = u.job_id)";

constexpr auto cancel_job_sql =
    "UPDATE upgrade_job SET cancelled_at = coalesce(cancelled_at, now()) WHERE job_id = $1";
constexpr auto cancel_upgrades_sql = R"(
WITH live AS (
  SELECT upgrade_id FROM upgrade WHERE job_id = $1 AND state = ANY($2::text[])
  ORDER BY upgrade_id FOR UPDATE)
UPDATE upgrade u SET revision = u.revision + 1, state = $3, deadline_at = NULL,
  ended_at = greatest(now(), u.download_started_at, u.downloaded_at),
  reason = 'the job was cancelled'
FROM live WHERE u.upgrade_id = live.upgrade_id)";
// Sent ones too, or they would be sent again at the next login.
constexpr auto withdraw_sql = R"(
WITH open AS (
  SELECT c.command_id FROM command c JOIN upgrade u
    ON u.device_id = c.device_id AND c.idempotency_key = 'ota:' || u.down_id
  WHERE u.job_id = $1 AND c.settled_at IS NULL
  ORDER BY c.command_id FOR UPDATE OF c)
UPDATE command c SET state = 'cancelled', settled_at = now(), due_at = NULL,
  reason = 'the upgrade was cancelled'
FROM open WHERE c.command_id = open.command_id AND c.settled_at IS NULL)";

constexpr auto retry_sql = R"(
WITH again AS (
  SELECT u.upgrade_id, u.down_id, u.state, u.ended_at, u.notified_at
  FROM upgrade u JOIN device d USING (device_id)
  WHERE u.job_id = $1 AND u.state = ANY($2::text[])
    AND ($4::text[] IS NULL OR d.node_eui = ANY($4::text[]))
    AND NOT EXISTS (SELECT 1 FROM upgrade other WHERE other.device_id = u.device_id
                    AND other.module = u.module AND other.ended_at IS NULL)
  ORDER BY u.upgrade_id FOR UPDATE OF u),
former AS (
  INSERT INTO former_down_id (down_id, upgrade_id, state, ended_at)
  SELECT down_id, upgrade_id, state, ended_at FROM again WHERE notified_at IS NOT NULL)
UPDATE upgrade u SET
  revision = u.revision + 1, state = $3, attempt = u.attempt + 1, released_at = now(),
  deadline_at = now() + make_interval(secs => j.time_limit_s),
  down_id = new_down_id((SELECT down_id_length FROM product WHERE product_id = j.product_id)),
  version_before = '',
  version_after = '', notified_session = '', confirmed_session = '', notified_at = NULL,
  confirmed_at = NULL, download_started_at = NULL, downloaded_at = NULL, bytes_sent = 0,
  ended_at = NULL, reason = ''
FROM again, upgrade_job j
WHERE u.upgrade_id = again.upgrade_id AND j.job_id = u.job_id)";

// now() is the transaction's own time: what has it was released by this transaction.
constexpr auto released_online_sql = R"(
SELECT u.device_id FROM upgrade u JOIN presence p USING (device_id)
WHERE u.job_id = $1 AND u.released_at = now() AND u.state = 'pending' AND p.online
ORDER BY u.device_id)";

#define UPGRADES \
  "SELECT u.upgrade_id, d.product_id, d.node_eui, u.state, u.attempt, u.down_id, "       \
  "u.version_before, u.version_after, u.bytes_sent, u.reason, "                          \
  XGATE_RFC3339("u.released_at") ", " XGATE_RFC3339("u.notified_at") ", "                \
  XGATE_RFC3339("u.confirmed_at") ", " XGATE_RFC3339("u.download_started_at") ", "       \
  XGATE_RFC3339("u.downloaded_at") ", " XGATE_RFC3339("u.deadline_at") ", "              \
  XGATE_RFC3339("u.ended_at") ", u.job_id, u.module, j.version "                         \
  "FROM upgrade u JOIN device d USING (device_id) JOIN upgrade_job j USING (job_id) WHERE "
constexpr auto list_upgrades_sql = UPGRADES
    "u.job_id = $1 AND ($2 = '' OR u.state = $2) AND ($3 = '' OR u.upgrade_id > $3::bigint) "
    "ORDER BY u.upgrade_id LIMIT $4";
constexpr auto list_of_device_sql = UPGRADES
    "u.device_id = $1 AND ($2 = '' OR u.upgrade_id < $2::bigint) "
    "ORDER BY u.upgrade_id DESC LIMIT $3";

pg::Result<std::int64_t> affected(pg::Result<pg::Rows> rows) {
  if (!rows) return tl::unexpected(std::move(rows).error());
  return rows->affected();
}

pg::Param names_param(const std::optional<std::vector<std::string>>& names) {
  if (!names) return std::nullopt;
  pg::ArrayBuilder array;
  for (const auto& name : *names) array.add(name);
  return array.take();
}

JobRecord job_of(const pg::Rows& rows, int row) {
  const auto text = [&](int column) { return std::string(rows.text(row, column)); };
  JobRecord job;
  job.job_id = rows.int64(row, 0);
  job.product_id = text(1);
  job.module = text(2);
  job.version = text(3);
  if (!rows.is_null(row, 4)) job.image_id = rows.int64(row, 4);
  job.file_name = text(5);
  job.size = rows.int64(row, 6);
  job.md5 = text(7);
  job.sha256 = text(8);
  job.time_limit_s = rows.int64(row, 9);
  job.created_at = text(10);
  job.cancelled_at = rows.optional_text(row, 11);
  return job;
}

pg::Result<std::vector<JobRecord>> with_counts(pg::Connection& connection,
                                               pg::Result<pg::Rows> rows) {
  if (!rows) return tl::unexpected(std::move(rows).error());
  std::vector<JobRecord> jobs;
  std::map<std::int64_t, std::size_t> place;
  std::vector<std::int64_t> ids;
  for (int i = 0; i < rows->size(); ++i) {
    jobs.push_back(job_of(*rows, i));
    place.emplace(jobs.back().job_id, jobs.size() - 1);
    ids.push_back(jobs.back().job_id);
  }
  if (jobs.empty()) return jobs;
  const auto counts = connection.exec(counts_sql, {id_array(ids)});
  if (!counts) return tl::unexpected(counts.error());
  for (int i = 0; i < counts->size(); ++i) {
    JobRecord& job = jobs[place.at(counts->int64(i, 0))];
    const auto state = protocol::upgrade_state_from(counts->text(i, 1));
    const auto count = counts->int64(i, 2);
    if (state) job.counts.at(static_cast<std::size_t>(*state)) = count;
    job.devices += count;
    job.released += counts->int64(i, 3);
  }
  return jobs;
}

pg::Result<std::optional<JobRecord>> first_job(pg::Connection& connection,
                                               pg::Result<pg::Rows> rows) {
  auto jobs = with_counts(connection, std::move(rows));
  if (!jobs) return tl::unexpected(std::move(jobs).error());
  if (jobs->empty()) return std::nullopt;
  return std::move(jobs->front());
}

UpgradeRecord upgrade_record_of(const pg::Rows& rows, int row) {
  const auto text = [&](int column) { return std::string(rows.text(row, column)); };
  UpgradeRecord upgrade;
  upgrade.upgrade_id = rows.int64(row, 0);
  upgrade.product_id = text(1);
  upgrade.node_eui = text(2);
  upgrade.state = text(3);
  upgrade.attempt = rows.int64(row, 4);
  upgrade.down_id = text(5);
  upgrade.version_before = text(6);
  upgrade.version_after = text(7);
  upgrade.bytes_sent = rows.int64(row, 8);
  upgrade.reason = text(9);
  upgrade.released_at = rows.optional_text(row, 10);
  upgrade.notified_at = rows.optional_text(row, 11);
  upgrade.confirmed_at = rows.optional_text(row, 12);
  upgrade.download_started_at = rows.optional_text(row, 13);
  upgrade.downloaded_at = rows.optional_text(row, 14);
  upgrade.deadline_at = rows.optional_text(row, 15);
  upgrade.ended_at = rows.optional_text(row, 16);
  upgrade.job_id = rows.int64(row, 17);
  upgrade.module = text(18);
  upgrade.version = text(19);
  return upgrade;
}

pg::Result<std::vector<UpgradeRecord>> upgrade_records(pg::Result<pg::Rows> rows) {
  if (!rows) return tl::unexpected(std::move(rows).error());
  std::vector<UpgradeRecord> upgrades;
  upgrades.reserve(static_cast<std::size_t>(rows->size()));
  for (int i = 0; i < rows->size(); ++i) upgrades.push_back(upgrade_record_of(*rows, i));
  return upgrades;
}

}  // namespace

std::int64_t JobRecord::live() const {
  std::int64_t count = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (protocol::is_live(static_cast<protocol::UpgradeState>(i))) count += counts.at(i);
  }
  return count;
}

pg::Result<std::optional<std::int64_t>> insert_job(pg::Connection& connection, const NewJob& job) {
  const auto rows = connection.exec(
      insert_job_sql, {job.product_id, job.module, job.version, std::to_string(job.time_limit_s)});
  if (!rows) return tl::unexpected(rows.error());
  if (rows->size() == 0) return std::nullopt;
  return rows->int64(0, 0);
}

pg::Result<std::int64_t> insert_upgrades(pg::Connection& connection, std::int64_t job_id,
                                         const NewJob& job) {
  return affected(
      connection.exec(insert_upgrades_sql, {std::to_string(job_id), job.product_id, job.module,
                                            names_param(job.node_euis), job.version}));
}

pg::Result<LeftOut> left_out(pg::Connection& connection, std::int64_t job_id, const NewJob& job,
                             std::int64_t most) {
  const auto rows = connection.exec(
      left_out_sql, {std::to_string(job_id), job.product_id, job.module, names_param(job.node_euis),
                     job.version, std::to_string(most)});
  if (!rows) return tl::unexpected(rows.error());
  LeftOut left;
  for (int i = 0; i < rows->size(); ++i) {
    left.in_job = rows->int64(i, 3);
    left.has_version = rows->int64(i, 2) - left.in_job;
    auto& device = left.first.emplace_back();
    device.node_eui = rows->text(i, 0);
    if (!rows->is_null(i, 1)) device.job_id = rows->int64(i, 1);
  }
  return left;
}

pg::Result<std::vector<std::int64_t>> busy_with(pg::Connection& connection, const NewJob& job) {
  const auto rows =
      connection.exec(busy_sql, {job.product_id, job.module, names_param(job.node_euis)});
  if (!rows) return tl::unexpected(rows.error());
  std::vector<std::int64_t> jobs;
  jobs.reserve(static_cast<std::size_t>(rows->size()));
  for (int i = 0; i < rows->size(); ++i) jobs.push_back(rows->int64(i, 0));
  return jobs;
}

pg::Result<std::vector<std::string>> unknown_devices(pg::Connection& connection,
                                                     const std::string& product_id,
                                                     const std::vector<std::string>& node_euis) {
  const auto rows = connection.exec(unknown_sql, {product_id, names_param(node_euis)});
  if (!rows) return tl::unexpected(rows.error());
  std::vector<std::string> unknown;
  unknown.reserve(static_cast<std::size_t>(rows->size()));
  for (int i = 0; i < rows->size(); ++i) unknown.emplace_back(rows->text(i, 0));
  return unknown;
}

pg::Result<std::optional<JobRecord>> find_job(pg::Connection& connection, std::int64_t job_id) {
  return first_job(connection, connection.exec(find_job_sql, {std::to_string(job_id)}));
}

pg::Result<std::optional<JobRecord>> lock_job(pg::Connection& connection, std::int64_t job_id) {
  return first_job(connection, connection.exec(lock_job_sql, {std::to_string(job_id)}));
}

pg::Result<std::vector<JobRecord>> list_jobs(pg::Connection& connection, const Scope& scope,
                                             const std::string& product_id, const Page& page) {
  return with_counts(connection, connection.exec(list_jobs_sql, {product_id, page.after,
                                                                 std::to_string(page.limit),
                                                                 scope.open_id, scope.product_id}));
}

pg::Result<void> release_upgrades(pg::Connection& connection, std::int64_t job_id,
                                  std::int64_t count) {
  return run(connection, release_sql, {std::to_string(job_id), std::to_string(count)});
}

pg::Result<std::int64_t> cancel_job(pg::Connection& connection, std::int64_t job_id) {
  const auto cancel = protocol::transition_of(protocol::UpgradeEvent::cancel);
  const std::string id = std::to_string(job_id);
  if (auto done = run(connection, cancel_job_sql, {id}); !done) {
    return tl::unexpected(done.error());
  }
  if (auto done = run(connection, cancel_upgrades_sql,
                      {id, state_array(cancel.from), state_param(cancel.to)});
      !done) {
    return tl::unexpected(done.error());
  }
  return affected(connection.exec(withdraw_sql, {id}));
}

pg::Result<std::int64_t> retry_upgrades(pg::Connection& connection, std::int64_t job_id,
                                        const std::optional<std::vector<std::string>>& node_euis) {
  const auto retry = protocol::transition_of(protocol::UpgradeEvent::retry);
  return affected(connection.exec(retry_sql, {std::to_string(job_id), state_array(retry.from),
                                              state_param(retry.to), names_param(node_euis)}));
}

pg::Result<std::int64_t> ask_released(pg::Connection& connection, std::int64_t job_id,
                                      std::int64_t expires_at_ms, std::int64_t now_ms) {
  const auto rows = connection.exec(released_online_sql, {std::to_string(job_id)});
  if (!rows) return tl::unexpected(rows.error());
  const auto kind = protocol::CommandKind::firmware_ask;
  const auto route = protocol::command_route(kind, false, false);
  std::vector<NewCommand> commands;
  for (int i = 0; i < rows->size(); ++i) {
    NewCommand command;
    command.device_id = rows->int64(i, 0);
    command.kind = kind;
    command.request = "{}";
    command.topic = route.topic;
    command.header_ctrl = route.header_ctrl;
    command.payload = "{}";
    command.created_at_ms = now_ms;
    command.expires_at_ms = expires_at_ms;
    commands.push_back(std::move(command));
  }
  const auto inserted = insert_commands(connection, commands);
  if (!inserted) return tl::unexpected(inserted.error());
  return static_cast<std::int64_t>(inserted->size());
}

pg::Result<std::vector<UpgradeRecord>> list_upgrades(pg::Connection& connection,
                                                     std::int64_t job_id, const std::string& state,
                                                     const Page& page) {
  return upgrade_records(connection.exec(
      list_upgrades_sql, {std::to_string(job_id), state, page.after, std::to_string(page.limit)}));
}

pg::Result<std::vector<UpgradeRecord>> list_upgrades_of_device(pg::Connection& connection,
                                                               std::int64_t device_id,
                                                               const Page& page) {
  return upgrade_records(connection.exec(
      list_of_device_sql, {std::to_string(device_id), page.after, std::to_string(page.limit)}));
}

}  // namespace xgate::store
