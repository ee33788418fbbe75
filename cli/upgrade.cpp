// SPDX-License-Identifier: Apache-2.0
#include "cli/upgrade.hpp"

#include <memory>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/api.hpp"
#include "cli/display.hpp"
#include "cli/options.hpp"
#include "protocol/ota.hpp"

namespace xgate::cli {
namespace {

/// How many of a job's devices may begin.
struct Stage {
  std::int64_t percent = 0;
  std::int64_t count = 0;

  void into(Json& body) const {
    if (percent != 0) body["percent"] = percent;
    if (count != 0) body["count"] = count;
  }
};

void add_stage(CLI::App& app, Stage& stage) {
  CLI::Option* percent = add_number(
      app, "--percent", stage.percent, 1, 100,
      "so much of the job's devices in all, always the same ones first · 累计放开的百分比");
  add_number(app, "--count", stage.count, 1, 1'000'000'000,
             "so many of them in all · 累计放开的台数")
      ->excludes(percent);
}

CLI::Option* add_devices(CLI::App& app, std::vector<std::string>& devices,
                         const std::string& help) {
  return app.add_option("--devices", devices, help)->delimiter(',')->type_name("P.N,…");
}

CLI::Option* add_job(CLI::App& app, std::int64_t& job_id) {
  return add_number(app, "job_id", job_id, 1, INT64_MAX, "as upgrade list shows it · 任务编号")
      ->required();
}

std::string target_of(std::int64_t job_id, std::string_view rest = {}) {
  return "/upgrades/" + std::to_string(job_id) + std::string(rest);
}

Style style_of_upgrade(std::string_view state) {
  if (state == "succeeded") return Style::good;
  if (state == "failed" || state == "timed_out") return Style::bad;
  return state == "cancelled" ? Style::faint : Style::plain;
}

/// Every member of the job, as a block.
void print_details(const Context& context, const Json& job) {
  Json members = job;
  members.erase("counts");
  print_object(
      context, members,
      {"job_id", "product_id", "module", "version", "state", "devices", "released", "time_limit_s",
       "file_name", "size", "md5", "sha256", "image_id", "created_at", "cancelled_at"});
  context.env.out << '\n';
}

/// What it is and how far it is in a line, then how many of its devices are in which state.
void print_job(const Context& context, const Json& job, bool details = false) {
  if (context.global.json || !job.is_object()) return context.print(job);
  const auto text = [&](const char* name) { return member_text(job, name); };
  if (details) print_details(context, job);
  const std::string module = text("module");
  context.say("job " + text("job_id") + " is " + text("state") + ": " + text("version") +
              " for product " + text("product_id") +
              (module == "default" ? "" : ", module " + module) + "; " + text("released") + " of " +
              text("devices") + " devices released");
  Table table({{"state"}, {"devices"}});
  const auto counts = job.find("counts");
  for (int i = 0; i < protocol::upgrade_states; ++i) {
    const std::string state(protocol::to_string(static_cast<protocol::UpgradeState>(i)));
    const std::string count =
        counts != job.end() && counts->is_object() ? member_text(*counts, state) : "";
    if (count != "0") table.add({Cell(state, style_of_upgrade(state)), count});
  }
  table.print(context.env);
}

std::int64_t number_in(const Json& object, const char* name) {
  const auto member = object.find(name);
  return member != object.end() && member->is_number_integer() ? member->get<std::int64_t>() : 0;
}

std::string counted(std::int64_t number, const char* one, const char* many) {
  return std::to_string(number) + ' ' + (number == 1 ? one : many);
}

/// Of a job that begins: whom it does not take, by reason, and the first of them by name.
void print_left_out(const Context& context, const Json& job) {
  const auto left = job.find("left_out");
  if (left == job.end() || !left->is_object()) return;
  const std::int64_t has_version = number_in(*left, "has_version");
  const std::int64_t in_job = number_in(*left, "in_job");
  if (has_version + in_job == 0) return;
  const std::string with_it =
      has_version == 0 ? "" : counted(has_version, "has", "have") + " this version";
  const std::string in_others =
      in_job == 0 ? "" : counted(in_job, "is in another job", "are in other jobs");
  context.say("left out " + counted(has_version + in_job, "device", "devices") + ": " + with_it +
              (with_it.empty() || in_others.empty() ? "" : ", ") + in_others);
  Table table({{"device"}, {"why"}});
  std::int64_t more = has_version + in_job;
  for (const Json& each : left->value("devices", Json::array())) {
    const std::string job_id = member_text(each, "job_id");
    table.add({member_text(each, "device"),
               member_text(each, "reason") + (job_id.empty() ? "" : ' ' + job_id)});
    --more;
  }
  table.print(context.env);
  if (more > 0) context.say("… and " + std::to_string(more) + " more");
}

Outcome post(const Context& context, const std::string& target, const Json& body) {
  Result<Api> api = context.connect();
  if (!api) return tl::unexpected(api.error());
  const auto job = api->post(target, body);
  if (!job) return tl::unexpected(job.error());
  print_job(context, *job);
  if (!context.global.json) print_left_out(context, *job);
  return {};
}

Outcome list_devices(const Context& context, std::int64_t job_id, const std::string& state) {
  const auto row = [](const Json& upgrade) {
    const std::string now = member_text(upgrade, "state");
    return std::vector<Cell>{member_text(upgrade, "device"),
                             Cell(now, style_of_upgrade(now)),
                             member_text(upgrade, "attempt"),
                             member_text(upgrade, "version_before"),
                             member_text(upgrade, "version_after"),
                             member_text(upgrade, "bytes_sent"),
                             local_time(member_text(upgrade, "ended_at")),
                             member_text(upgrade, "reason")};
  };
  return print_listing(context, {.target = target_of(job_id, "/devices"),
                                 .query = {{"state", state}},
                                 .limit = {},
                                 .columns = {{"device"},
                                             {"state"},
                                             {"attempt"},
                                             {"before", Yields::first},
                                             {"after", Yields::first},
                                             {"bytes_sent"},
                                             {time_heading("ended")},
                                             {"reason", Yields::by_lines}},
                                 .row = row,
                                 .when_empty = "no device of this job is in that state"});
}

Outcome list_jobs(const Context& context, const std::string& product_id) {
  const auto row = [](const Json& job) {
    const auto counts = job.value("counts", Json::object());
    return std::vector<Cell>{member_text(job, "job_id"),
                             member_text(job, "product_id"),
                             member_text(job, "module"),
                             member_text(job, "version"),
                             member_text(job, "state"),
                             member_text(job, "devices"),
                             member_text(job, "released"),
                             member_text(counts, "succeeded"),
                             member_text(counts, "failed"),
                             member_text(counts, "timed_out"),
                             local_time(member_text(job, "created_at"))};
  };
  return print_listing(context, {.target = "/upgrades",
                                 .query = {{"product_id", product_id}},
                                 .limit = {},
                                 .columns = {{"job_id"},
                                             {"product_id"},
                                             {"module"},
                                             {"version"},
                                             {"state"},
                                             {"devices"},
                                             {"released"},
                                             {"succeeded"},
                                             {"failed"},
                                             {"timed_out"},
                                             {time_heading("created")}},
                                 .row = row,
                                 .when_empty = "no upgrade yet; see: xgate upgrade start --help"});
}

Outcome list_of_device(const Context& context, const std::string& device) {
  const auto row = [](const Json& upgrade) {
    const std::string now = member_text(upgrade, "state");
    return std::vector<Cell>{
        member_text(upgrade, "job_id"),         member_text(upgrade, "module"),
        member_text(upgrade, "version"),        Cell(now, style_of_upgrade(now)),
        member_text(upgrade, "version_before"), member_text(upgrade, "version_after"),
        time_cell(upgrade, "released_at"),      time_cell(upgrade, "ended_at"),
        member_text(upgrade, "reason")};
  };
  return print_listing(context, {.target = "/devices/" + device + "/upgrades",
                                 .query = {},
                                 .limit = {},
                                 .columns = {{"job_id"},
                                             {"module", Yields::last},
                                             {"version", Yields::last},
                                             {"state"},
                                             {"before", Yields::first},
                                             {"after", Yields::first},
                                             {time_heading("released")},
                                             {time_heading("ended")},
                                             {"reason", Yields::by_lines}},
                                 .row = row,
                                 .when_empty = "no job has taken this device yet",
                                 .when_narrow = WhenNarrow::blocks});
}

}  // namespace

Handler declare_upgrade_start(CLI::App& app) {
  struct Options {
    std::string product_id;
    std::string version;
    std::string module;
    bool all = false;
    std::vector<std::string> devices;
    Stage stage;
    std::optional<std::int64_t> time_limit_s;
  };
  auto options = std::make_shared<Options>();
  add_product_id(app, "product_id", options->product_id)->required();
  add_text(app, "--version", options->version, "V", "of the firmware to bring · 目标版本号")
      ->required();
  add_text(app, "--module", options->module, "M",
           "the module; default where not given · 模块，默认 default");
  CLI::Option* all =
      app.add_flag("--all", options->all, "every device of the product · 该产品的全部设备");
  add_devices(app, options->devices, "these of them · 指定设备")->excludes(all);
  add_stage(app, options->stage);
  add_duration(app, "--time-limit", options->time_limit_s,
               "for each device: to report, and then to upgrade; 24h where not given · "
               "每台设备从上报到升级的时限，默认 24h");
  return [options](const Context& context) -> Outcome {
    if (!options->all && options->devices.empty()) {
      return misused("say which devices: --all, or --devices P.N,…");
    }
    Json body{{"product_id", options->product_id}, {"version", options->version}};
    if (!options->module.empty()) body["module"] = options->module;
    if (options->all) body["all"] = true;
    if (!options->devices.empty()) body["devices"] = options->devices;
    if (options->time_limit_s) body["time_limit_s"] = *options->time_limit_s;
    options->stage.into(body);
    return post(context, "/upgrades", body);
  };
}

Handler declare_upgrade_list(CLI::App& app) {
  struct Options {
    std::string product_id;
    std::string device;
  };
  auto options = std::make_shared<Options>();
  CLI::Option* product = add_product_id(app, "--product", options->product_id)
                             ->description("of this product only · 仅该产品");
  add_device_option(app, "--device", options->device,
                    "the upgrades of this device, job by job · 该设备在各任务中的升级")
      ->excludes(product);
  return [options](const Context& context) {
    return options->device.empty() ? list_jobs(context, options->product_id)
                                   : list_of_device(context, options->device);
  };
}

Handler declare_upgrade_show(CLI::App& app) {
  struct Options {
    std::int64_t job_id = 0;
    bool devices = false;
    bool details = false;
    std::string state;
  };
  auto options = std::make_shared<Options>();
  add_job(app, options->job_id);
  app.add_flag("--devices", options->devices, "device by device · 逐台列出");
  app.add_flag("--details", options->details,
               "the file, the time limit and the times too · 另列出文件、时限和时间");
  add_choice(app, "--state", options->state,
             {"pending", "notified", "confirmed", "downloading", "succeeded", "failed", "timed_out",
              "cancelled"},
             "with --devices: those in this state only · 与 --devices 同用：仅列出该状态的设备");
  return [options](const Context& context) -> Outcome {
    if (options->devices || !options->state.empty()) {
      return list_devices(context, options->job_id, options->state);
    }
    Result<Api> api = context.connect();
    if (!api) return tl::unexpected(api.error());
    const auto job = api->get(target_of(options->job_id));
    if (!job) return tl::unexpected(job.error());
    print_job(context, *job, options->details);
    return {};
  };
}

Handler declare_upgrade_advance(CLI::App& app) {
  struct Options {
    std::int64_t job_id = 0;
    Stage stage;
  };
  auto options = std::make_shared<Options>();
  add_job(app, options->job_id);
  add_stage(app, options->stage);
  return [options](const Context& context) -> Outcome {
    Json body = Json::object();
    options->stage.into(body);
    if (body.empty()) return misused("say how far: --percent N or --count N");
    return post(context, target_of(options->job_id, "/advance"), body);
  };
}

Handler declare_upgrade_cancel(CLI::App& app) {
  auto job_id = std::make_shared<std::int64_t>(0);
  add_job(app, *job_id);
  return [job_id](const Context& context) {
    return post(context, target_of(*job_id, "/cancel"), Json::object());
  };
}

Handler declare_upgrade_retry(CLI::App& app) {
  struct Options {
    std::int64_t job_id = 0;
    std::vector<std::string> devices;
  };
  auto options = std::make_shared<Options>();
  add_job(app, options->job_id);
  add_devices(app, options->devices,
              "these only; else all that failed or timed out · 仅这些设备，默认为全部失败和超时的");
  return [options](const Context& context) {
    Json body = Json::object();
    if (!options->devices.empty()) body["devices"] = options->devices;
    return post(context, target_of(options->job_id, "/retry"), body);
  };
}

}  // namespace xgate::cli
