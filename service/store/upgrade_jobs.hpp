// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pg/connection.hpp"
#include "protocol/ota.hpp"
#include "service/store/registry.hpp"

// Upgrade jobs as people and the API administer them. What changes more than one table wants a
// transaction around it.
namespace xgate::store {

struct JobRecord {
  std::int64_t job_id = 0;
  std::string product_id;
  std::string module;
  std::string version;
  std::optional<std::int64_t> image_id;  ///< nothing: the image was deleted
  std::string file_name;
  std::int64_t size = 0;
  std::string md5;
  std::string sha256;
  std::int64_t time_limit_s = 0;
  std::string created_at;
  std::optional<std::string> cancelled_at;
  std::int64_t devices = 0;
  std::int64_t released = 0;
  std::array<std::int64_t, protocol::upgrade_states> counts{};  ///< by state

  std::int64_t live() const;
};

struct NewJob {
  std::string product_id;
  std::string module;
  std::string version;
  std::int64_t time_limit_s = 0;
  std::optional<std::vector<std::string>> node_euis;  ///< nothing: all of the product
};

/// Nothing: there is no such image. Its devices are none yet.
pg::Result<std::optional<std::int64_t>> insert_job(pg::Connection& connection, const NewJob& job);
/// Those of the job's devices that are free of a live upgrade of this module and, unless they are
/// named, did not report its version last; how many.
pg::Result<std::int64_t> insert_upgrades(pg::Connection& connection, std::int64_t job_id,
                                         const NewJob& job);
/// Whom insert_upgrades() left out, and why.
struct LeftOut {
  struct Device {
    std::string node_eui;
    std::optional<std::int64_t> job_id;  ///< that upgrades it now; nothing: it has the version
  };
  std::int64_t has_version = 0;
  std::int64_t in_job = 0;
  std::vector<Device> first;  ///< up to `most` of them
};
pg::Result<LeftOut> left_out(pg::Connection& connection, std::int64_t job_id, const NewJob& job,
                             std::int64_t most);
/// The jobs with a live upgrade of the module on the devices that this one names, up to 5.
pg::Result<std::vector<std::int64_t>> busy_with(pg::Connection& connection, const NewJob& job);
/// Those of them that the product does not have.
pg::Result<std::vector<std::string>> unknown_devices(pg::Connection& connection,
                                                     const std::string& product_id,
                                                     const std::vector<std::string>& node_euis);

pg::Result<std::optional<JobRecord>> find_job(pg::Connection& connection, std::int64_t job_id);
/// The same, locked until the transaction ends.
pg::Result<std::optional<JobRecord>> lock_job(pg::Connection& connection, std::int64_t job_id);
/// Newest first. `product_id` empty: of all within `scope`; `page.after` is a job_id.
pg::Result<std::vector<JobRecord>> list_jobs(pg::Connection& connection, const Scope& scope,
                                             const std::string& product_id, const Page& page);

/// So many more of the job's devices may begin, in the order of their rank.
pg::Result<void> release_upgrades(pg::Connection& connection, std::int64_t job_id,
                                  std::int64_t count);
/// Ends what is live, and withdraws its ota_notify: how many.
pg::Result<std::int64_t> cancel_job(pg::Connection& connection, std::int64_t job_id);
/// Failed and timed-out ones begin anew, as far as their device has no other live upgrade of the
/// module; of `node_euis` only, where given. How many.
pg::Result<std::int64_t> retry_upgrades(pg::Connection& connection, std::int64_t job_id,
                                        const std::optional<std::vector<std::string>>& node_euis);
/// FW-2: those that are online now and that this transaction released are asked for their version:
/// how many.
pg::Result<std::int64_t> ask_released(pg::Connection& connection, std::int64_t job_id,
                                      std::int64_t expires_at_ms, std::int64_t now_ms);

struct UpgradeRecord {
  std::int64_t upgrade_id = 0;
  std::int64_t job_id = 0;
  std::string module;
  std::string version;  ///< that the job brings
  std::string product_id;
  std::string node_eui;
  std::string state;
  std::int64_t attempt = 1;
  std::string down_id;
  std::string version_before;
  std::string version_after;
  std::optional<std::string> released_at;
  std::optional<std::string> notified_at;
  std::optional<std::string> confirmed_at;
  std::optional<std::string> download_started_at;
  std::optional<std::string> downloaded_at;
  std::int64_t bytes_sent = 0;
  std::optional<std::string> deadline_at;
  std::optional<std::string> ended_at;
  std::string reason;
};
/// By upgrade_id; `state` empty: in any.
pg::Result<std::vector<UpgradeRecord>> list_upgrades(pg::Connection& connection,
                                                     std::int64_t job_id, const std::string& state,
                                                     const Page& page);
/// Newest first: `page.after` is an upgrade_id.
pg::Result<std::vector<UpgradeRecord>> list_upgrades_of_device(pg::Connection& connection,
                                                               std::int64_t device_id,
                                                               const Page& page);

}  // namespace xgate::store
