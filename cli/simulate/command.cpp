// SPDX-License-Identifier: Apache-2.0
#include "cli/simulate/command.hpp"

#include <algorithm>
#include <memory>
#include <ostream>

#include <CLI/CLI.hpp>
#include <sys/resource.h>

#include "cli/input.hpp"
#include "cli/node_euis.hpp"
#include "cli/options.hpp"
#include "cli/simulate/accounts.hpp"
#include "cli/simulate/fleet.hpp"
#include "cli/simulate/journey.hpp"
#include "cli/simulate/replies.hpp"
#include "cli/simulate/scenario.hpp"
#include "protocol/identity.hpp"

namespace xgate::cli {
namespace {

constexpr std::int64_t highest_port = 65535;
constexpr std::uint16_t mqtt_port = 1883;
constexpr std::uint16_t mqtt_tls_port = 8883;

// As the command line has them; JourneyOptions and FleetOptions have their own types.
struct SimulateOptions {
  std::string device;
  AccountOptions account;
  JourneyOptions journey;
  std::int64_t port = 0;  ///< not given
  std::string mqtt_version = "3.1.1";
  std::int64_t uplinks = 3;
  std::int64_t interval_ms = 1000;
  std::int64_t linger_ms = 0;
  std::int64_t timeout_ms = 5000;
  std::int64_t tries = 3;

  std::string scenario;
  std::int64_t devices = 0;
  bool frames = false;
  bool example = false;
  std::string kind;
};

void add_broker_options(CLI::App& app, SimulateOptions& options) {
  add_text(app, "--host", options.journey.host, "HOST",
           "the broker (XGATE_MQTT_HOST; else 127.0.0.1) · "
           "broker 地址（XGATE_MQTT_HOST，否则 127.0.0.1）")
      ->envname("XGATE_MQTT_HOST");
  add_number(app, "--port", options.port, 1, highest_port,
             "1883 where not given, 8883 with --tls · 端口，默认 1883，用 --tls 时默认 8883");
  app.add_flag("--tls", options.journey.tls, "over TLS · 使用 TLS");
  add_text(app, "--ca-file", options.journey.ca_file, "FILE",
           "whom to trust with --tls, else the system's CAs · "
           "--tls 时信任的 CA 证书，默认用系统的");
  add_choice(app, "--mqtt-version", options.mqtt_version, {"3.1.1", "5"},
             "3.1.1 where not given · MQTT 版本，默认 3.1.1");
}

/// What the one device of a plain way does; a scenario says that itself.
void add_story_options(CLI::App& app, SimulateOptions& options, CLI::Option* scenario) {
  JourneyOptions& journey = options.journey;
  const auto of_the_plain_way = [scenario](CLI::Option* option) { option->excludes(scenario); };
  of_the_plain_way(add_text(app, "--hard-ver", journey.hard_ver, "V",
                            "HardVer, 1.0 where not given · 硬件版本 HardVer，默认 1.0"));
  of_the_plain_way(add_text(app, "--soft-ver", journey.soft_ver, "V",
                            "SoftVer, 1.0.0 where not given · 软件版本 SoftVer，默认 1.0.0"));
  of_the_plain_way(add_number(app, "--count", options.uplinks, 0, largest_number,
                              "how many uplinks, 3 where not given · 上报次数，默认 3"));
  of_the_plain_way(
      add_number(app, "--interval-ms", options.interval_ms, 0, largest_number,
                 "between two of them, 1000 where not given · 上报间隔（毫秒），默认 1000"));
  of_the_plain_way(
      add_text(app, "--payload", journey.payload, "JSON",
               "of each uplink; else a counter and a temperature · 上报内容，默认为计数和温度"));
  of_the_plain_way(add_number(
      app, "--linger-ms", options.linger_ms, 0, largest_number,
      "stay that long after the last, printing what comes · 上报后停留（毫秒），并显示收到的报文"));
}

void add_answer_options(CLI::App& app, SimulateOptions& options) {
  add_number(app, "--timeout-ms", options.timeout_ms, 1, largest_number,
             "wait so long for an answer, 5000 where not given · 应答超时（毫秒），默认 5000");
  add_number(app, "--tries", options.tries, 1, largest_number,
             "how often each request is sent, 3 where not given · 每个请求的发送次数，默认 3");
}

CLI::Option* add_scenario_options(CLI::App& app, SimulateOptions& options) {
  CLI::Option* scenario = add_text(app, "--scenario", options.scenario, "FILE",
                                   "act the devices of a scenario instead, - is standard input · "
                                   "按场景文件模拟设备，- 为标准输入");
  add_number(app, "--devices", options.devices, 1, most_devices,
             "how many, else the scenario says · 设备数量，默认按场景文件")
      ->needs(scenario);
  app.add_flag("--frames", options.frames, "print every message of them · 显示所有报文")
      ->needs(scenario);
  CLI::Option* example =
      app.add_flag("--example", options.example, "print a commented scenario · 显示场景文件示例");
  add_choice(app, "--kind", options.kind, {"transparent", "json", "hex"},
             "of the product that the example is for · 示例所适用的产品类型")
      ->needs(example);
  return scenario;
}

BrokerAddress broker_of(const SimulateOptions& options) {
  BrokerAddress broker = static_cast<const BrokerAddress&>(options.journey);
  broker.port = options.port != 0     ? static_cast<std::uint16_t>(options.port)
                : options.journey.tls ? mqtt_tls_port
                                      : mqtt_port;
  broker.mqtt_version = options.mqtt_version == "5" ? 5 : 4;
  return broker;
}

// ---- one device's whole way ------------------------------------------------------------------

Outcome run_one_journey(const Context& context, const SimulateOptions& options) {
  if (options.device.empty()) return misused("device is required, or --scenario FILE");
  const auto name = protocol::parse_device_name(options.device);
  const auto accounts = find_accounts(context, options.account, std::string(name->product_id),
                                      {std::string(name->node_eui)});
  if (!accounts) return tl::unexpected(accounts.error());
  JourneyOptions journey = options.journey;
  static_cast<DeviceAccount&>(journey) = accounts->front();
  static_cast<BrokerAddress&>(journey) = broker_of(options);
  journey.uplinks = static_cast<int>(options.uplinks);
  journey.interval = std::chrono::milliseconds(options.interval_ms);
  journey.linger = std::chrono::milliseconds(options.linger_ms);
  journey.answer_timeout = std::chrono::milliseconds(options.timeout_ms);
  journey.tries = static_cast<int>(options.tries);
  journey.json = context.global.json;
  journey.color = context.env.colours;
  journey.language = context.env.language;
  const int status = run_journey(journey, context.env.out);
  if (status == status_done) return {};
  if (status == status_misused) return misused("the simulation cannot run with these options");
  return failed("the simulation did not get to its end");
}

// ---- the devices of a scenario ---------------------------------------------------------------

/// A connection is a file: as many as the system lets us have.
Outcome allow_files(std::size_t devices) {
  constexpr rlim_t others = 300;  // ours, and those of downloads
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return {};
  const rlim_t wanted = static_cast<rlim_t>(devices) + others;
  if (limit.rlim_cur >= wanted) return {};
  limit.rlim_cur = std::min(wanted, limit.rlim_max);
  setrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur >= wanted) return {};
  return failed("this shell allows " + std::to_string(limit.rlim_max) +
                " open files, too few for " + std::to_string(devices) + " devices (ulimit -Hn)");
}

tl::expected<Scenario, ScenarioErrors> scenario_of_input(const Environment& env) {
  const auto text = read_input(env, "-");
  if (!text) return tl::unexpected(ScenarioErrors{text.error().sentence});
  return parse_scenario(*text, input_name("-"));
}

Result<Scenario> read_scenario(const Context& context, const SimulateOptions& options) {
  auto scenario =
      options.scenario == "-" ? scenario_of_input(context.env) : load_scenario(options.scenario);
  if (!scenario) {
    for (const std::string& error : scenario.error()) {
      context.env.err << "xgate: " << texts::in(context.env.language, error) << '\n';
    }
    return failed("the scenario cannot be used; `xgate simulate --example` shows one");
  }
  if (const auto name = protocol::parse_device_name(options.device); name) {
    scenario->product = name->product_id;
    scenario->first = name->node_eui;
    scenario->count = 1;
  }
  if (options.devices > 0) {
    scenario->ramp = scenario->count > 1 ? scenario->ramp * options.devices / scenario->count
                                         : std::chrono::milliseconds(5 * options.devices);
    scenario->count = options.devices;
  }
  if (scenario->product.empty() || scenario->first.empty())
    return misused("give the device P.N, or product and first in the scenario's [devices]");
  return std::move(*scenario);
}

Outcome run_scenario(const Context& context, const SimulateOptions& options) {
  Result<Scenario> scenario = read_scenario(context, options);
  if (!scenario) return tl::unexpected(scenario.error());
  const auto names = node_euis(scenario->first, scenario->count);
  if (!names) return misused(names.error());
  if (Outcome allowed = allow_files(names->size()); !allowed) return allowed;
  auto accounts = find_accounts(context, options.account, scenario->product, *names);
  if (!accounts) return tl::unexpected(accounts.error());
  if (const auto usable = check_account(accounts->front()); !usable)
    return misused(usable.error().reason);
  FleetOptions fleet;
  fleet.broker = broker_of(options);
  fleet.scenario = std::move(*scenario);
  fleet.devices = std::move(*accounts);
  fleet.answer_timeout = std::chrono::milliseconds(options.timeout_ms);
  fleet.tries = static_cast<int>(options.tries);
  fleet.json = context.global.json;
  fleet.frames = options.frames;
  if (run_fleet(fleet, context.env) == status_done) return {};
  return failed("not everything went as the protocol wants; the faults are above");
}

Outcome run_simulation(const Context& context, const SimulateOptions& options) {
  if (options.example) {
    context.env.out.document(example_scenario(options.kind));
    return {};
  }
  if (options.scenario.empty()) return run_one_journey(context, options);
  return run_scenario(context, options);
}

}  // namespace

Handler declare_simulate(CLI::App& app) {
  auto options = std::make_shared<SimulateOptions>();
  add_device_name(app, options->device)->required(false);
  add_account_options(app, options->account);
  CLI::Option* scenario = add_scenario_options(app, *options);
  add_story_options(app, *options, scenario);
  add_answer_options(app, *options);
  add_broker_options(app, *options);
  return [options](const Context& context) { return run_simulation(context, *options); };
}

}  // namespace xgate::cli
