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
std::string request_of(const Json& command) {
  const std::string service = member_text(command, "service");
  const std::string request = member_text(command, "request");
  return service.empty() ? request : service + ' ' + request;
}

std::string outcome_of(const Json& command) {
  const std::string reason = member_text(command, "reason");
  return reason.empty() ? member_text(command, "result") : reason;
}

/// Of a product's devices, each row says which it is.
std::vector<Column> columns_of(bool of_product) {
  std::vector<Column> columns{
      {"command"}, {time_heading("created_at")},
      {"kind"},    {"request", Yields::first},
      {"state"},   {"result", of_product ? Yields::by_lines : Yields::first}};
  if (of_product) columns.insert(columns.begin() + 1, Column{"device"});
  return columns;
}

std::vector<Cell> row_of(const Json& command, bool of_product) {
  const std::string state = member_text(command, "state");
  std::vector<Cell> row{member_text(command, "command_id"), time_cell(command, "created_at"),
                        member_text(command, "kind"),       request_of(command),
                        Cell(state, style_of_state(state)), outcome_of(command)};
  if (of_product) row.insert(row.begin() + 1, Cell(member_text(command, "device")));
  return row;
}

}  // namespace

void print_command(const Context& context, const Json& command) {
  print_object(context, command,
               {"command_id",  "device",      "kind",      "service", "request",    "state",
                "waiting_for", "reason",      "code",      "result",  "encrypt",    "topic",
                "message_id",  "header_ctrl", "tries",     "answers", "created_at", "expires_at",
                "sent_at",     "received_at", "settled_at"});
}

Handler declare_device_commands(CLI::App& app) {
  struct Options {
    std::string whose;
    bool open = false;
    std::string state;
    std::int64_t limit = 20;
  };
  auto options = std::make_shared<Options>();
  add_product_or_device(app, options->whose)
      ->description("a product, or a device · 产品或设备")
      ->required();
  app.add_flag("--open", options->open,
               "what is not settled, and what it waits for; of a product: of all its devices · "
               "仅未结束的命令及其等待的原因；给出产品时列出其全部设备的");
  add_choice(app, "--state", options->state,
             {"queued", "sent", "received", "done", "failed", "expired", "cancelled"},
             "only those · 仅该状态");
  add_number(app, "--limit", options->limit, 1, 1'000'000'000,
             "the newest so many, 20 where not given · 最新的条数，默认 20");
  return [options](const Context& context) -> Outcome {
    const bool of_product = options->whose.find('.') == std::string::npos;
    if (of_product && !options->open) {
      return misused("of a product the open commands are listed: add --open, or name a device");
    }
    return print_listing(
        context,
        {.target = (of_product ? "/products/" : "/devices/") + options->whose + "/commands",
         .query = {{"open", options->open ? "true" : ""}, {"state", options->state}},
         .limit = options->limit,
         .columns = columns_of(of_product),
         .row = [of_product](const auto& command) { return row_of(command, of_product); },
         .when_empty =
             options->open ? "nothing is open" : "no such command; see: xgate send --help",
         .when_narrow = of_product ? WhenNarrow::blocks : WhenNarrow::fold});
  };
}

Handler declare_command_show(CLI::App& app) {
  const auto id = add_command_id(app);
  return [id](const Context& context) -> Outcome {
    Result<Api> api = context.connect();
    if (!api) return tl::unexpected(api.error());
    const Result<Json> command = api->get("/commands/" + std::to_string(*id));
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
    const Result<Json> command = api->post("/commands/" + std::to_string(*id) + "/cancel", nullptr);
    if (!command) return tl::unexpected(command.error());
    if (context.global.json) {
      context.print(*command);
    } else {
      context.say("command " + std::to_string(*id) + ": " + member_text(*command, "reason"));
    }
    return {};
  };
}

Outcome show_device_config(const Context& context, const std::string& device) {
  Result<Api> api = context.connect();
  if (!api) return tl::unexpected(api.error());
  const Result<Json> config = api->get("/devices/" + device + "/config");
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
