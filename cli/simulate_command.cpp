// SPDX-License-Identifier: Apache-2.0
#include "cli/simulate_command.hpp"

#include <limits>
#include <memory>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/api.hpp"
#include "cli/display.hpp"
#include "cli/options.hpp"
#include "cli/simulate.hpp"
#include "protocol/identity.hpp"

namespace xgate::cli {
namespace {

constexpr std::int64_t highest_port = 65535;
constexpr std::int64_t most = 1'000'000'000;

// As the command line has them; SimulateOptions has its own types.
struct Options {
  SimulateOptions simulate;
  std::string device;
  SecretOption product_key;
  SecretOption device_secret;
  std::int64_t port = 1883;
  std::string mqtt_version = "3.1.1";
  std::string auth;
  std::string login_type = "1";
  std::string key_reading;
  std::int64_t uplinks = 3;
  std::int64_t interval_ms = 1000;
  std::int64_t linger_ms = 0;
  std::int64_t timeout_ms = 5000;
  std::int64_t tries = 3;
};

void add_broker_options(CLI::App& app, Options& options) {
  add_text(app, "--host", options.simulate.host, "HOST",
           "the broker, 127.0.0.1 where not given · MQTT 服务器");
  add_number(app, "--port", options.port, 1, highest_port, "1883 where not given · 端口");
  app.add_flag("--tls", options.simulate.tls, "over TLS · 使用 TLS");
  add_text(app, "--ca-file", options.simulate.ca_file, "FILE",
           "whom to trust, else the system's · CA 证书");
  add_choice(app, "--mqtt-version", options.mqtt_version, {"3.1.1", "5"},
             "3.1.1 where not given · MQTT 版本");
}

void add_device_options(CLI::App& app, Options& options) {
  add_device_name(app, options.device);
  add_open_id(app, "--open-id", options.simulate.device.open_id)
      ->description("with the ProductKey: asks the service nothing · 不查询服务，直接给定 OpenID");
  add_secret(app, options.product_key, "product-key", "else the service is asked · 产品密钥");
  add_secret(app, options.device_secret, "device-secret",
             "of type 2; or to skip the AUTH- login · 设备密钥");
  add_choice(
      app, "--auth", options.auth, {"0", "1", "2"},
      "the product's authentication type (ID-5), where the service is not asked · 产品认证类型");
  app.add_flag("--encrypted", options.simulate.encrypted,
               "an encrypted product (ENC-1), where the service is not asked · 加密产品");
  add_choice(
      app, "--key-reading", options.key_reading,
      {"text_product_key", "bytes_product_key", "text_device_secret", "bytes_device_secret"},
      "how it derives the session key, the first where not given (ENC-2) · 会话密钥推导方式");
  add_choice(app, "--login-type", options.login_type, {"0", "1"},
             "of the V2_ login, 1 where not given (V2-2) · V2_ 登录的 type");
}

void add_story_options(CLI::App& app, Options& options) {
  SimulateOptions& simulate = options.simulate;
  add_text(app, "--hard-ver", simulate.hard_ver, "V", "HardVer, 1.0 where not given · 硬件版本");
  add_text(app, "--soft-ver", simulate.soft_ver, "V", "SoftVer, 1.0.0 where not given · 软件版本");
  add_number(app, "--count", options.uplinks, 0, most,
             "how many uplinks, 3 where not given · 上报次数");
  add_number(app, "--interval-ms", options.interval_ms, 0, most,
             "between two of them, 1000 where not given · 上报间隔（毫秒）");
  add_text(app, "--payload", simulate.payload, "JSON",
           "of each uplink; else a counter and a temperature · 上报内容");
  add_number(app, "--linger-ms", options.linger_ms, 0, most,
             "stay that long after the last, printing what comes · 上报后停留（毫秒）");
  add_number(app, "--timeout-ms", options.timeout_ms, 1, most,
             "wait so long for an answer, 5000 where not given · 应答超时（毫秒）");
  add_number(app, "--tries", options.tries, 1, most,
             "of each request, 3 where not given · 重发次数");
}

Outcome read_secrets(const Context& context, const Options& options, SimulateOptions& simulation) {
  if (options.product_key.given()) {
    const Result<std::string> key = options.product_key.read(context.env);
    if (!key) return tl::unexpected(key.error());
    simulation.product_key = *key;
  }
  if (options.device_secret.given()) {
    const Result<std::string> secret = options.device_secret.read(context.env);
    if (!secret) return tl::unexpected(secret.error());
    simulation.device_secret = *secret;
  }
  return {};
}

// What was not given is known to the service.
Outcome ask_service(const Context& context, const Options& options, SimulateOptions& simulation) {
  Result<Api> api = context.connect();
  if (!api) return tl::unexpected(api.error());
  const Result<nlohmann::json> product = api->get("/products/" + simulation.device.product_id);
  if (!product) return tl::unexpected(product.error());
  simulation.device.open_id = member_text(*product, "open_id");
  if (simulation.product_key.empty()) simulation.product_key = member_text(*product, "product_key");
  simulation.auth_type = member_text(*product, "auth_type") == "2"   ? 2
                         : member_text(*product, "auth_type") == "1" ? 1
                                                                     : 0;
  simulation.encrypted = member_is_true(*product, "encrypted");
  const auto reading = protocol::key_reading_from(member_text(*product, "key_reading"));
  if (reading && options.key_reading.empty()) simulation.key_reading = *reading;
  if (simulation.auth_type != 2 || !simulation.device_secret.empty()) return {};
  const Result<nlohmann::json> device = api->get("/devices/" + options.device);
  if (!device) return tl::unexpected(device.error());
  simulation.device_secret = member_text(*device, "device_secret");
  return {};
}

Outcome complete(const Context& context, const Options& options, SimulateOptions& simulation) {
  const auto name = protocol::parse_device_name(options.device);
  simulation.device.product_id = name->product_id;
  simulation.device.node_eui = name->node_eui;
  simulation.auth_type = options.auth.empty() ? 0 : options.auth[0] - '0';
  if (!options.key_reading.empty()) {
    simulation.key_reading = *protocol::key_reading_from(options.key_reading);
  }
  if (Outcome read = read_secrets(context, options, simulation); !read) return read;
  const bool told = !simulation.device.open_id.empty() && !simulation.product_key.empty();
  if (!told) return ask_service(context, options, simulation);
  if (simulation.auth_type == 2 && simulation.device_secret.empty()) {
    return misused("--device-secret or --device-secret-file is required with --auth 2");
  }
  return {};
}

Outcome run_simulation(const Context& context, const Options& options) {
  SimulateOptions simulation = options.simulate;
  if (Outcome ready = complete(context, options, simulation); !ready) return ready;
  simulation.port = static_cast<std::uint16_t>(options.port);
  simulation.mqtt_version = options.mqtt_version == "5" ? 5 : 4;
  simulation.login_type = options.login_type[0] - '0';
  simulation.uplinks = static_cast<int>(options.uplinks);
  simulation.interval = std::chrono::milliseconds(options.interval_ms);
  simulation.linger = std::chrono::milliseconds(options.linger_ms);
  simulation.answer_timeout = std::chrono::milliseconds(options.timeout_ms);
  simulation.tries = static_cast<int>(options.tries);
  simulation.json = context.global.json;
  simulation.color = context.env.colours;
  const int status = simulate(simulation, context.env.out);
  if (status == status_done) return {};
  if (status == status_misused) return misused("the simulation cannot run with these options");
  return failed("the simulation did not get to its end");
}

}  // namespace

Handler declare_simulate(CLI::App& app) {
  auto options = std::make_shared<Options>();
  add_device_options(app, *options);
  add_story_options(app, *options);
  add_broker_options(app, *options);
  return [options](const Context& context) { return run_simulation(context, *options); };
}

}  // namespace xgate::cli
