// SPDX-License-Identifier: Apache-2.0
#include "cli/device_commands.hpp"

#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/api.hpp"
#include "cli/display.hpp"
#include "cli/options.hpp"

namespace xgate::cli {
namespace {

std::shared_ptr<std::int64_t> add_command_id(CLI::App& app) {
  auto id = std::make_shared<std::int64_t>(0);
  add_number(app, "id", *id, 1, INT64_MAX, "the command's number · 命令编号")
      ->type_name("ID")
      ->required();
  return id;
}

/// The service of a call stands before what it is called with.
std::string request_of(const nlohmann::json& command) {
  const std::string service = member_text(command, "service");
  const std::string request = member_text(command, "request");
  return service.empty() ? request : service + ' ' + request;
}

std::string outcome_of(const nlohmann::json& command) {
  const std::string reason = member_text(command, "reason");
  return reason.empty() ? member_text(command, "result") : reason;
}

}  // namespace

void print_command(const Context& context, const nlohmann::json& command) {
  print_object(
      context, command,
      {"command_id", "device",     "kind",       "service", "request",     "state",       "code",
       "result",     "reason",     "encrypt",    "topic",   "message_id",  "header_ctrl", "tries",
       "answers",    "created_at", "expires_at", "sent_at", "received_at", "settled_at"});
}

Handler declare_device_commands(CLI::App& app) {
  struct Options {
    std::string device;
    std::string state;
    std::int64_t limit = 20;
  };
  auto options = std::make_shared<Options>();
  add_device_name(app, options->device);
  add_choice(app, "--state", options->state,
             {"queued", "sent", "received", "done", "failed", "expired", "cancelled"},
             "only those · 仅该状态");
  add_number(app, "--limit", options->limit, 1, 1'000'000'000,
             "the newest so many, 20 if not given · 最新的条数");
  return [options](const Context& context) {
    const auto row = [](const nlohmann::json& command) {
      const std::string state = member_text(command, "state");
      return std::vector<Cell>{
          member_text(command, "command_id"), local_time(member_text(command, "created_at")),
          member_text(command, "kind"),       request_of(command),
          Cell(state, style_of_state(state)), outcome_of(command)};
    };
    return print_listing(context, {.target = "/devices/" + options->device + "/commands",
                                   .query = {{"state", options->state}},
                                   .limit = options->limit,
                                   .columns = {{"command"},
                                               {time_heading("created_at")},
                                               {"kind"},
                                               {"request", Yields::first},
                                               {"state"},
                                               {"result", Yields::first}},
                                   .row = row,
                                   .when_empty = "no such command; see: xgate send --help"});
  };
}

Handler declare_command_show(CLI::App& app) {
  const auto id = add_command_id(app);
  return [id](const Context& context) -> Outcome {
    Result<Api> api = context.connect();
    if (!api) return tl::unexpected(api.error());
    const Result<nlohmann::json> command = api->get("/commands/" + std::to_string(*id));
    if (!command) return tl::unexpected(command.error());
    print_command(context, *command);
    return {};
  };
}

Handler declare_command_cancel(CLI::App& app) {
  const auto id = add_command_id(app);
  return [id](const Context& context) -> Outcome {
    Result<Api> api = context.connect();
    if (!api) return tl::unexpected(api.error());
    const Result<nlohmann::json> command =
        api->post("/commands/" + std::to_string(*id) + "/cancel", nullptr);
    if (!command) return tl::unexpected(command.error());
    if (context.global.json) {
      context.print(*command);
    } else {
      context.env.out << "command " << *id << ": " << member_text(*command, "reason") << '\n';
    }
    return {};
  };
}

Outcome show_device_config(const Context& context, const std::string& device) {
  Result<Api> api = context.connect();
  if (!api) return tl::unexpected(api.error());
  const Result<nlohmann::json> config = api->get("/devices/" + device + "/config");
  if (!config) return tl::unexpected(config.error());
  if (context.global.json) {
    context.print(*config);
    return {};
  }
  std::vector<Field> fields{{"reported_at", zoned_time(member_text(*config, "reported_at"))}};
  const auto settings = config->find("settings");
  if (settings != config->end() && settings->is_object()) {
    for (const auto& [name, value] : settings->items()) {
      fields.emplace_back(name, member_text(*settings, name));
    }
  }
  print_fields(context.env, fields);
  return {};
}

}  // namespace xgate::cli
