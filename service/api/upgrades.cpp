// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "clock/unix_ms.hpp"
#include "protocol/identity.hpp"
#include "protocol/ota.hpp"
#include "service/api/answer.hpp"
#include "service/api/audit.hpp"
#include "service/api/handlers.hpp"
#include "service/api/permission.hpp"
#include "service/store/commands.hpp"
#include "service/store/thing_history.hpp"
#include "service/store/upgrade_jobs.hpp"

namespace xgate::api {
namespace {

constexpr std::int64_t max_time_limit_s = std::int64_t{366} * 86400;
constexpr std::int64_t ask_time_s = 3600;
constexpr std::int64_t max_devices_told = 20;

Json job_json(const store::JobRecord& job) {
  Json counts = Json::object();
  for (std::size_t i = 0; i < job.counts.size(); ++i) {
    counts[std::string(protocol::to_string(static_cast<protocol::UpgradeState>(i)))] =
        job.counts.at(i);
  }
  const char* state = job.cancelled_at ? "cancelled" : job.live() == 0 ? "done" : "running";
  return {{"job_id", job.job_id},
          {"product_id", job.product_id},
          {"module", job.module},
          {"version", job.version},
          {"image_id", or_null(job.image_id)},
          {"file_name", job.file_name},
          {"size", job.size},
          {"md5", job.md5},
          {"sha256", job.sha256},
          {"time_limit_s", job.time_limit_s},
          {"state", state},
          {"devices", job.devices},
          {"released", job.released},
          {"counts", std::move(counts)},
          {"created_at", job.created_at},
          {"cancelled_at", or_null(job.cancelled_at)}};
}

Json left_out_json(const std::string& product_id, const store::LeftOut& left) {
  Json devices = Json::array();
  for (const auto& device : left.first) {
    devices.push_back({{"device", product_id + "." + device.node_eui},
                       {"reason", device.job_id ? "in_job" : "has_version"},
                       {"job_id", or_null(device.job_id)}});
  }
  return {
      {"has_version", left.has_version}, {"in_job", left.in_job}, {"devices", std::move(devices)}};
}

Json upgrade_json(const store::UpgradeRecord& upgrade, store::Role role) {
  return {{"device", upgrade.product_id + "." + upgrade.node_eui},
          {"job_id", upgrade.job_id},
          {"module", upgrade.module},
          {"version", upgrade.version},
          {"state", upgrade.state},
          {"attempt", upgrade.attempt},
          {"down_id", sees_down_ids(role) ? Json(upgrade.down_id) : Json()},
          {"version_before", upgrade.version_before},
          {"version_after", upgrade.version_after},
          {"released_at", or_null(upgrade.released_at)},
          {"notified_at", or_null(upgrade.notified_at)},
          {"confirmed_at", or_null(upgrade.confirmed_at)},
          {"download_started_at", or_null(upgrade.download_started_at)},
          {"downloaded_at", or_null(upgrade.downloaded_at)},
          {"bytes_sent", upgrade.bytes_sent},
          {"deadline_at", or_null(upgrade.deadline_at)},
          {"ended_at", or_null(upgrade.ended_at)},
          {"reason", upgrade.reason}};
}

Response upgrades_shown(const std::vector<store::UpgradeRecord>& upgrades, int limit,
                        store::Role role) {
  return list_response(
      upgrades, limit,
      [role](const store::UpgradeRecord& upgrade) { return upgrade_json(upgrade, role); },
      [](const store::UpgradeRecord& upgrade) { return std::to_string(upgrade.upgrade_id); });
}

Problem no_job(const std::string& name) { return not_found("there is no upgrade job " + name); }

/// How many of a job's devices may be upgraded: all, a percentage, or a number of them.
struct Stage {
  std::optional<std::int64_t> percent;
  std::optional<std::int64_t> count;

  std::int64_t of(std::int64_t devices) const {
    if (percent) return (devices * *percent + 99) / 100;
    return count ? std::min(*count, devices) : devices;
  }
};

Stage read_stage(Input& input) {
  Stage stage;
  std::int64_t number = 0;
  if (input.has("percent")) {
    input.number("percent", number, 1, 100);
    stage.percent = number;
  }
  if (input.has("count")) {
    input.number("count", number, 1, 1'000'000'000);
    stage.count = number;
  }
  if (stage.percent && stage.count) input.refuse("count", "cannot stand beside percent");
  return stage;
}

/// "devices": ["P.N", …], all of one product (of any, where `product_id` is not known yet).
std::optional<std::vector<std::string>> read_devices(Input& input, const std::string& product_id) {
  const auto names = input.texts("devices", 10'000);
  if (!names) return std::nullopt;
  std::vector<std::string> node_euis;
  for (const auto& name : *names) {
    const auto device = protocol::parse_device_name(name);
    if (!device || device->product_id != product_id) {
      input.refuse("devices", "must be names ProductID.NodeEui of product " + product_id);
      return node_euis;
    }
    node_euis.emplace_back(device->node_eui);
  }
  std::sort(node_euis.begin(), node_euis.end());
  node_euis.erase(std::unique(node_euis.begin(), node_euis.end()), node_euis.end());
  return node_euis;
}

/// Releases as many as the stage says in all, and asks those that are online for their version: how
/// many.
pg::Result<std::int64_t> release(pg::Connection& database, const store::JobRecord& job,
                                 const Stage& stage) {
  const auto more = stage.of(job.devices) - job.released;
  if (more <= 0) return 0;
  if (auto done = store::release_upgrades(database, job.job_id, more); !done) {
    return tl::unexpected(done.error());
  }
  const auto now = clock::unix_ms();
  return store::ask_released(database, job.job_id,
                             now + std::min(job.time_limit_s, ask_time_s) * 1000, now);
}

store::CommandChange asking(std::int64_t count) {
  return {.kind = protocol::CommandKind::firmware_ask, .count = count};
}

/// The job as it is now; what that did to commands is counted, and whoever sends them told.
/// `before` and `left_out`: of one that was there, of a new one.
Result<Response> changed(Context& context, std::int64_t job_id, const store::CommandChange& change,
                         const store::JobRecord* before, const store::LeftOut* left_out = nullptr) {
  const auto job = store::find_job(*context.database, job_id);
  if (!job) return tl::unexpected(from_database(job.error()));
  if (!*job) return tl::unexpected(no_job(std::to_string(job_id)));
  context.once_committed.emplace_back([&context, change] {
    context.metrics.commands(change.kind, change.state)
        .Increment(static_cast<double>(change.count));
    if (context.actions.commands_due) context.actions.commands_due();
  });
  auto answer = job_json(**job);
  context.change.product_id = (*job)->product_id;
  note_change(context, before == nullptr ? Json() : job_json(*before), answer);
  if (left_out == nullptr) return json_response(answer);
  answer["left_out"] = left_out_json((*job)->product_id, *left_out);
  auto response = json_response(answer, 201);
  response.headers.emplace_back("Location", "/api/v1/upgrades/" + std::to_string(job_id));
  return response;
}

struct Wanted {
  store::NewJob job;
  Stage stage;
};
Result<Wanted> read_job(const Request& request) {
  auto input = Input::parse(request.body);
  if (!input) return tl::unexpected(std::move(input).error());
  Wanted wanted;
  auto& job = wanted.job;
  job.module = "default";
  job.time_limit_s = 86400;
  input->text("product_id", job.product_id, protocol::is_product_id, "must be 8 hex digits (ID-2)");
  input->text("version", job.version, protocol::is_firmware_version,
              "must be 1 to 64 printable ASCII characters");
  input->text("module", job.module, protocol::is_firmware_module,
              "must be a text of 1 to 64 bytes");
  input->number("time_limit_s", job.time_limit_s, 1, max_time_limit_s);
  bool all = false;
  input->boolean("all", all);
  job.node_euis = read_devices(*input, job.product_id);
  wanted.stage = read_stage(*input);
  input->require({"product_id", "version"});
  if (all == job.node_euis.has_value()) {
    input->refuse("devices", "or \"all\": true must say which devices, one of the two");
  }
  if (auto problem = input->problem()) return tl::unexpected(std::move(*problem));
  return wanted;
}

/// Why a job would have no device.
Problem nobody_free(pg::Connection& database, const store::NewJob& job,
                    const store::LeftOut& left) {
  if (left.in_job == 0 && left.has_version == 0) {
    return conflict("product " + job.product_id + " has no devices yet");
  }
  const std::string version = " has reported version " + job.version + " of module " + job.module +
                              " already: there is nothing to upgrade";
  if (left.in_job == 0) return conflict("each device of product " + job.product_id + version);
  const auto jobs = store::busy_with(database, job);
  if (!jobs) return from_database(jobs.error());
  std::string names;
  for (const auto id : *jobs) names += (names.empty() ? "" : ", ") + std::to_string(id);
  const std::string busy = " a live upgrade of module " + job.module + " already, in job " + names +
                           ": wait for its end or cancel it";
  if (left.has_version > 0) {
    return conflict("of the devices of product " + job.product_id + " " +
                    std::to_string(left.has_version) + " have reported version " + job.version +
                    " already, and " + std::to_string(left.in_job) + " have" + busy);
  }
  const bool one = job.node_euis && job.node_euis->size() == 1;
  return conflict(
      (one ? "device " + protocol::device_name(job.product_id, job.node_euis->front()) + " has"
           : "each of these devices has") +
      busy);
}

Result<void> check_devices(pg::Connection& database, const store::NewJob& job) {
  if (!job.node_euis) return {};
  const auto unknown = store::unknown_devices(database, job.product_id, *job.node_euis);
  if (!unknown) return tl::unexpected(from_database(unknown.error()));
  if (unknown->empty()) return {};
  const auto sentence = [&](const std::string& node_eui) {
    return "there is no device " + job.product_id + "." + node_eui;
  };
  Problem problem =
      not_found(unknown->size() == 1 ? sentence(unknown->front())
                                     : std::to_string(unknown->size()) + " devices do not exist");
  problem.status = 422;
  problem.type = "invalid";
  for (std::size_t i = 0; i < unknown->size(); ++i) {
    problem.errors.push_back({"/devices", sentence(unknown->at(i))});
  }
  return tl::unexpected(std::move(problem));
}

/// A job of the path, locked; refused where it was cancelled.
Result<store::JobRecord> lock_running(pg::Connection& database, const Request& request) {
  const auto& name = request.parameters.at(0);
  const auto job_id = number_of(name);
  if (!job_id) return tl::unexpected(no_job(name));
  auto job = store::lock_job(database, *job_id);
  if (!job) return tl::unexpected(from_database(job.error()));
  if (!*job) return tl::unexpected(no_job(name));
  if ((*job)->cancelled_at) return tl::unexpected(conflict("job " + name + " was cancelled"));
  return std::move(**job);
}

}  // namespace

Result<Response> start_upgrade(Context& context, const Request& request) {
  const auto wanted = read_job(request);
  if (!wanted) return tl::unexpected(wanted.error());
  const auto& job = wanted->job;
  auto& database = *context.database;
  if (auto may = check_product(database, request, job.product_id); !may) {
    return tl::unexpected(may.error());
  }
  if (auto known = check_devices(database, job); !known) return tl::unexpected(known.error());
  const auto job_id = store::insert_job(database, job);
  if (!job_id) return tl::unexpected(from_database(job_id.error()));
  if (!*job_id) {
    return tl::unexpected(not_found("product " + job.product_id +
                                    " has no firmware image of version " + job.version +
                                    " for module " + job.module));
  }
  const auto devices = store::insert_upgrades(database, **job_id, job);
  if (!devices) return tl::unexpected(from_database(devices.error()));
  const auto left_out = store::left_out(database, **job_id, job, max_devices_told);
  if (!left_out) return tl::unexpected(from_database(left_out.error()));
  if (*devices == 0) return tl::unexpected(nobody_free(database, job, *left_out));
  const auto made = store::find_job(database, **job_id);
  if (!made) return tl::unexpected(from_database(made.error()));
  const auto asked = release(database, made->value(), wanted->stage);
  if (!asked) return tl::unexpected(from_database(asked.error()));
  return changed(context, **job_id, asking(*asked), nullptr, &*left_out);
}

Result<Response> list_upgrades(Context& context, const Request& request) {
  const auto query = parse_list_query(request, {"product_id"});
  if (!query) return tl::unexpected(query.error());
  if (!query->cursor.empty() && !number_of(query->cursor)) {
    return tl::unexpected(bad_request("cursor must be a next_cursor of this list"));
  }
  const auto product_id = request.query_value("product_id").value_or("");
  const auto jobs = store::list_jobs(*context.database, request.caller.scope, product_id,
                                     {query->cursor, query->limit + 1});
  if (!jobs) return tl::unexpected(from_database(jobs.error()));
  return list_response(
      *jobs, query->limit, [](const store::JobRecord& job) { return job_json(job); },
      [](const store::JobRecord& job) { return std::to_string(job.job_id); });
}

Result<Response> get_upgrade(Context& context, const Request& request) {
  const auto& name = request.parameters.at(0);
  const auto job_id = number_of(name);
  if (!job_id) return tl::unexpected(no_job(name));
  const auto job = store::find_job(*context.database, *job_id);
  if (!job) return tl::unexpected(from_database(job.error()));
  if (!*job) return tl::unexpected(no_job(name));
  return json_response(job_json(**job));
}

Result<Response> list_upgrade_devices(Context& context, const Request& request) {
  const auto query = parse_list_query(request, {"state"});
  if (!query) return tl::unexpected(query.error());
  const auto state = request.query_value("state").value_or("");
  const bool known_state = state.empty() || protocol::upgrade_state_from(state);
  if (!known_state || (!query->cursor.empty() && !number_of(query->cursor))) {
    return tl::unexpected(bad_request(known_state ? "cursor must be a next_cursor of this list"
                                                  : "state is none of an upgrade's"));
  }
  const auto& name = request.parameters.at(0);
  const auto job_id = number_of(name);
  const auto job = job_id ? store::find_job(*context.database, *job_id)
                          : pg::Result<std::optional<store::JobRecord>>(std::nullopt);
  if (!job) return tl::unexpected(from_database(job.error()));
  if (!*job) return tl::unexpected(no_job(name));
  const auto upgrades =
      store::list_upgrades(*context.database, *job_id, state, {query->cursor, query->limit + 1});
  if (!upgrades) return tl::unexpected(from_database(upgrades.error()));
  return upgrades_shown(*upgrades, query->limit, request.caller.role);
}

Result<Response> list_device_upgrades(Context& context, const Request& request) {
  const auto query = parse_list_query(request, {});
  if (!query) return tl::unexpected(query.error());
  if (!query->cursor.empty() && !number_of(query->cursor)) {
    return tl::unexpected(bad_request("cursor must be a next_cursor of this list"));
  }
  const auto device = device_of_path(request);
  if (!device) return tl::unexpected(device.error());
  auto& database = *context.database;
  const auto device_id = store::find_device_id(database, device->product_id, device->node_eui);
  if (!device_id) return tl::unexpected(from_database(device_id.error()));
  if (!*device_id) {
    return tl::unexpected(not_found("there is no device " + request.parameters.at(0)));
  }
  const auto upgrades =
      store::list_upgrades_of_device(database, **device_id, {query->cursor, query->limit + 1});
  if (!upgrades) return tl::unexpected(from_database(upgrades.error()));
  return upgrades_shown(*upgrades, query->limit, request.caller.role);
}

Result<Response> advance_upgrade(Context& context, const Request& request) {
  auto input = Input::parse(request.body);
  if (!input) return tl::unexpected(std::move(input).error());
  const auto stage = read_stage(*input);
  if (!stage.percent && !stage.count) input->refuse("percent", "or count is missing");
  if (auto problem = input->problem()) return tl::unexpected(std::move(*problem));
  const auto job = lock_running(*context.database, request);
  if (!job) return tl::unexpected(job.error());
  if (const auto wanted = stage.of(job->devices); wanted < job->released) {
    return tl::unexpected(
        conflict("job " + std::to_string(job->job_id) + " has released " +
                 std::to_string(job->released) + " of its " + std::to_string(job->devices) +
                 " devices, and this stage is " + std::to_string(wanted) +
                 " of them: nothing was changed, for what is released is not taken back"));
  }
  const auto asked = release(*context.database, *job, stage);
  if (!asked) return tl::unexpected(from_database(asked.error()));
  return changed(context, job->job_id, asking(*asked), &*job);
}

Result<Response> cancel_upgrade(Context& context, const Request& request) {
  const auto& name = request.parameters.at(0);
  const auto job_id = number_of(name);
  if (!job_id) return tl::unexpected(no_job(name));
  auto& database = *context.database;
  const auto job = store::lock_job(database, *job_id);
  if (!job) return tl::unexpected(from_database(job.error()));
  if (!*job) return tl::unexpected(no_job(name));
  if (!(*job)->cancelled_at && (*job)->live() == 0) {
    return tl::unexpected(conflict("job " + name + " is done: nothing of it is left to cancel"));
  }
  const auto withdrawn = store::cancel_job(database, *job_id);
  if (!withdrawn) return tl::unexpected(from_database(withdrawn.error()));
  return changed(context, *job_id,
                 {.kind = protocol::CommandKind::ota_notify,
                  .state = protocol::CommandState::cancelled,
                  .count = *withdrawn},
                 &**job);
}

Result<Response> retry_upgrade(Context& context, const Request& request) {
  auto input = Input::parse(request.body);
  if (!input) return tl::unexpected(std::move(input).error());
  auto& database = *context.database;
  const auto job = lock_running(database, request);
  const auto node_euis = read_devices(*input, job ? job->product_id : "");
  if (!job) return tl::unexpected(job.error());
  if (auto problem = input->problem()) return tl::unexpected(std::move(*problem));
  if (!job->image_id) {
    return tl::unexpected(conflict("the image of job " + std::to_string(job->job_id) +
                                   " was deleted: upload it and start another job"));
  }
  const auto retried = store::retry_upgrades(database, job->job_id, node_euis);
  if (!retried) {
    if (retried.error().constraint == "upgrade_one_live_a_module") {
      return tl::unexpected(conflict("another job has begun with one of these devices: try again"));
    }
    return tl::unexpected(from_database(retried.error()));
  }
  if (*retried == 0) {
    return tl::unexpected(conflict(
        "none of these upgrades failed or timed out, with its device free for another try"));
  }
  const auto now = clock::unix_ms();
  const auto asked = store::ask_released(database, job->job_id,
                                         now + std::min(job->time_limit_s, ask_time_s) * 1000, now);
  if (!asked) return tl::unexpected(from_database(asked.error()));
  return changed(context, job->job_id, asking(*asked), &*job);
}

}  // namespace xgate::api
