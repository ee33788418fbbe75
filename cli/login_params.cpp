// SPDX-License-Identifier: Apache-2.0
#include "cli/login_params.hpp"

#include <ctime>
#include <limits>
#include <memory>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/options.hpp"
#include "protocol/login.hpp"

namespace xgate::cli {
namespace {

struct LoginParamsOptions {
  std::string open_id;
  std::string product_id;
  std::string node_eui;
  SecretOption product_key;
  SecretOption device_secret;
  std::string type;
  std::int64_t timestamp = -1;
  bool auth = false;
};

nlohmann::json as_json(const protocol::LoginParameters& parameters) {
  return {{"client_id", parameters.client_id},
          {"username", parameters.username},
          {"password", parameters.password}};
}

void write(const Output& out, const protocol::LoginParameters& parameters) {
  out << "ClientId: " << parameters.client_id << "\nUsername: " << parameters.username
      << "\nPassword: " << parameters.password << '\n';
}

Outcome login_params(const Context& context, const LoginParamsOptions& options) {
  const bool v2 = !options.auth || options.device_secret.given();
  if (v2 && options.type.empty()) return misused("--type is required");
  const Result<std::string> product_key = options.product_key.read(context.env);
  if (!product_key) return tl::unexpected(product_key.error());
  const protocol::IdentityView id{options.open_id, options.product_id, options.node_eui};
  nlohmann::json json = nlohmann::json::object();
  if (v2) {
    const Result<std::string> secret = options.device_secret.read(context.env);
    if (!secret) return tl::unexpected(secret.error());
    const std::int64_t timestamp =
        options.timestamp >= 0 ? options.timestamp : static_cast<std::int64_t>(std::time(nullptr));
    protocol::Aes aes;
    const auto parameters =
        protocol::v2_login_parameters(id, *product_key, *protocol::aes_key_from_hex(*secret),
                                      options.type == "1" ? 1 : 0, timestamp, aes);
    json = as_json(parameters);
    if (!context.global.json) write(context.env.out, parameters);
  }
  if (options.auth) {
    const auto parameters = protocol::auth_login_parameters(id, *product_key);
    json["auth"] = as_json(parameters);
    if (!context.global.json) {
      if (v2) context.env.out << '\n';
      if (v2) context.say("for authentication (AUTH-):");
      write(context.env.out, parameters);
    }
  }
  if (context.global.json) context.print(json);
  return {};
}

}  // namespace

Handler declare_login_params(CLI::App& app) {
  auto options = std::make_shared<LoginParamsOptions>();
  add_open_id(app, "--open-id", options->open_id)->required();
  add_product_id(app, "--product-id", options->product_id)->required();
  add_node_eui(app, "--node-eui", options->node_eui)->required();
  add_secret(app, options->product_key, "product-key", "ProductKey, required · 产品密钥，必填");
  add_secret(app, options->device_secret, "device-secret",
             "DeviceSecret, required but for --auth alone · 设备密钥，除只用 --auth 外必填");
  add_choice(app, "--type", options->type, {"0", "1"},
             "0: the timestamp is not checked, 1: it is (V2-3) · 0 不校验时间戳，1 校验（V2-3）");
  add_number(app, "--timestamp", options->timestamp, 0, std::numeric_limits<std::int64_t>::max(),
             "Unix seconds, now where not given · 时间戳（秒），默认为当前时间");
  app.add_flag("--auth", options->auth,
               "the AUTH- login too; without a DeviceSecret only that (AUTH-1) · "
               "同时给出认证登录参数；没有 DeviceSecret 时只给出它（AUTH-1）");
  return [options](const Context& context) { return login_params(context, *options); };
}

}  // namespace xgate::cli
