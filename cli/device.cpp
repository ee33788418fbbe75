// SPDX-License-Identifier: Apache-2.0
#include "cli/device.hpp"

#include <memory>
#include <sstream>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/api.hpp"
#include "cli/device_csv.hpp"
#include "cli/display.hpp"
#include "cli/node_euis.hpp"
#include "cli/options.hpp"
#include "protocol/identity.hpp"

namespace xgate::cli {
namespace {

constexpr std::int64_t most_added = 100'000;

std::string target_of(const std::string& device) { return "/devices/" + device; }

std::vector<std::string> firmware_of(const Json& device) {
  std::vector<std::string> lines;
  const auto firmware = device.find("firmware");
  if (firmware == device.end() || !firmware->is_array()) return lines;
  for (const Json& one : *firmware) {
    if (!one.is_object()) continue;
    lines.push_back(member_text(one, "module") + ": hardware " + member_text(one, "hard_ver") +
                    ", software " + member_text(one, "soft_ver") + ", reported " +
                    zoned_time(member_text(one, "reported_at")));
  }
  return lines;
}

Outcome show_device(const Context& context, const Result<Json>& device) {
  static const std::vector<std::string> members{
      "open_id",       "product_id",   "node_eui",    "device_secret", "state",
      "online",        "enabled",      "broker",      "address",       "registered_by",
      "registered_at", "activated_at", "online_at",   "offline_at",    "client_id",
      "username",      "password",     "key_reading", "topic_names"};
  if (!device) return tl::unexpected(device.error());
  if (context.global.json || !device->is_object()) {
    context.print(*device);
    return {};
  }
  const std::vector<std::string> firmware = firmware_of(*device);
  Json rest = *device;
  rest.erase("firmware");
  for (const char* secret : {"device_secret", "password"}) {
    if (member_text(rest, secret).empty()) rest[secret] = hidden_text(context.env.language);
  }
  // Until it is seen what the device does, its product decides.
  for (const char* learnt : {"key_reading", "topic_names"}) {
    if (rest.contains(learnt) && rest[learnt].is_null())
      rest[learnt] = texts::in(context.env.language, "not seen yet");
  }
  std::vector<Field> fields = fields_of(rest, members);
  for (const std::string& line : firmware) fields.emplace_back("firmware", line);
  print_fields(context.env, fields);
  return {};
}

Handler declare_verb(CLI::App& app, const char* verb, const char* done) {
  auto device = std::make_shared<std::string>();
  add_device_name(app, *device);
  return [device, verb, done](const Context& context) -> Outcome {
    Result<Api> api = context.connect();
    if (!api) return tl::unexpected(api.error());
    const Result<Json> answer = api->post(target_of(*device) + "/" + verb, nullptr);
    if (!answer) return tl::unexpected(answer.error());
    if (context.global.json) {
      context.print(*answer);
    } else {
      context.say("device " + *device + " is " + done);
    }
    return {};
  };
}

}  // namespace

namespace {

/// The first NodeEui where none was given: the same at every call, so that a repeat adds nothing.
constexpr const char* first_made = "SIM000001";

/// The first and those after it, each with a secret of its own.
Outcome add_devices(const Context& context, const std::string& product_id, const std::string& first,
                    std::int64_t count) {
  const auto names = node_euis(first, count);
  if (!names) return misused(names.error());
  std::string csv = "product_id,node_eui\n";
  for (const std::string& name : *names) {
    csv.append(product_id).append(",").append(name).append("\n");
  }
  std::istringstream lines(csv);
  return import_devices(context, "the list of devices", lines,
                        "devices " + protocol::device_name(product_id, names->front()) + " to " +
                            protocol::device_name(product_id, names->back()));
}

}  // namespace

Handler declare_device_add(CLI::App& app) {
  struct Options {
    std::string device;
    SecretOption secret;
    std::int64_t count = 0;  ///< 0: not given
    bool reveal = false;
  };
  auto options = std::make_shared<Options>();
  add_product_or_device(app, options->device)
      ->description(
          "the device: ProductID.NodeEui, as it has it burnt in; with --count a product will do · "
          "设备：ProductID.NodeEui（即设备中烧录的）；带 --count 时可只写产品")
      ->required();
  add_secret(app, options->secret, "secret",
             "the DeviceSecret burnt into it; else one is made · 指定 DeviceSecret，默认自动生成");
  add_number(
      app, "--count", options->count, 1, most_added,
      "so many devices: the decimal number at the end of N counts on, from " +
          std::string(first_made) +
          " where no N is given; again adds nothing twice · 批量注册：N 末尾的十进制编号递增，"
          "未给 N 时从 " +
          first_made + " 起；重复执行不会重复注册");
  add_reveal(app, options->reveal);
  return [options](const Context& context) -> Outcome {
    const auto name = protocol::parse_device_name(options->device);
    if (!name && options->count == 0) {
      return misused("\"" + options->device +
                     "\" is a product: write ProductID.NodeEui, or --count N for N devices from " +
                     first_made + " on");
    }
    if (!name || options->count > 1) {
      if (options->secret.given())
        return misused("--secret is one device's, and --count makes more");
      if (options->reveal)
        return misused("--reveal is one device's: xgate device export --reveal shows many");
      return add_devices(context, name ? std::string(name->product_id) : options->device,
                         name ? std::string(name->node_eui) : first_made, options->count);
    }
    Json device{{"node_eui", std::string(name->node_eui)}};
    if (options->secret.given()) {
      const Result<std::string> secret = options->secret.read(context.env);
      if (!secret) return tl::unexpected(secret.error());
      device["device_secret"] = *secret;
    }
    Result<Api> api = context.connect();
    if (!api) return tl::unexpected(api.error());
    const std::string target = "/products/" + std::string(name->product_id) + "/devices";
    return show_device(context, api->post(revealing(target, options->reveal), device));
  };
}

Handler declare_device_show(CLI::App& app) {
  auto device = std::make_shared<std::string>();
  auto reveal = std::make_shared<bool>(false);
  add_device_name(app, *device);
  add_reveal(app, *reveal);
  return [device, reveal](const Context& context) -> Outcome {
    Result<Api> api = context.connect();
    if (!api) return tl::unexpected(api.error());
    return show_device(context, api->get(revealing(target_of(*device), *reveal)));
  };
}

Handler declare_device_list(CLI::App& app) {
  struct Options {
    std::string product_id;
    std::string state;
    std::int64_t limit = 0;
  };
  auto options = std::make_shared<Options>();
  add_product_id(app, "--product", options->product_id)->required();
  add_choice(app, "--state", options->state, {"unactivated", "online", "offline", "disabled"},
             "only those (ID-7) · 仅该状态（ID-7）");
  add_number(app, "--limit", options->limit, 1, 1'000'000'000, "at most so many · 最多条数");
  return [options](const Context& context) {
    const auto row = [](const Json& device) {
      const std::string state = member_text(device, "state");
      return std::vector<Cell>{
          protocol::device_name(member_text(device, "product_id"), member_text(device, "node_eui")),
          Cell(state, style_of_state(state)), local_time(member_text(device, "registered_at")),
          local_time(member_text(device, "online_at")),
          local_time(member_text(device, "offline_at"))};
    };
    return print_listing(
        context, {.target = "/products/" + options->product_id + "/devices",
                  .query = {{"state", options->state}},
                  .limit = options->limit == 0 ? std::nullopt : std::optional(options->limit),
                  .columns = {{"device"},
                              {"state"},
                              {time_heading("registered_at")},
                              {"online_at"},
                              {"offline_at"}},
                  .row = row,
                  .when_empty = "no such device; see: xgate device add --help"});
  };
}

Handler declare_device_kick(CLI::App& app) {
  auto device = std::make_shared<std::string>();
  add_device_name(app, *device);
  return [device](const Context& context) -> Outcome {
    Result<Api> api = context.connect();
    if (!api) return tl::unexpected(api.error());
    const Result<Json> answer = api->post(target_of(*device) + "/kick", nullptr);
    if (!answer) return tl::unexpected(answer.error());
    if (context.global.json) {
      context.print(*answer);
    } else {
      const bool was_online = answer->value("was_online", false);
      context.say("device " + *device +
                  (was_online ? " is kicked: it may log in again" : " was not online"));
    }
    return {};
  };
}

Handler declare_device_unlock(CLI::App& app) { return declare_verb(app, "unlock", "unlocked"); }
Handler declare_device_enable(CLI::App& app) { return declare_verb(app, "enable", "enabled"); }
Handler declare_device_disable(CLI::App& app) { return declare_verb(app, "disable", "disabled"); }
Handler declare_device_reset(CLI::App& app) { return declare_verb(app, "reset", "reset"); }

Handler declare_device_delete(CLI::App& app) {
  auto device = std::make_shared<std::string>();
  add_device_name(app, *device);
  return [device](const Context& context) -> Outcome {
    Result<Api> api = context.connect();
    if (!api) return tl::unexpected(api.error());
    Outcome done = api->remove(target_of(*device));
    if (!done) return done;
    if (context.global.json) {
      const auto name = protocol::parse_device_name(*device);
      context.print({{"product_id", std::string(name->product_id)},
                     {"node_eui", std::string(name->node_eui)},
                     {"deleted", true}});
    } else {
      context.say("device " + *device + " is deleted");
    }
    return {};
  };
}

}  // namespace xgate::cli
