// SPDX-License-Identifier: Apache-2.0
#include "cli/simulate/accounts.hpp"

#include <string_view>
#include <utility>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/api.hpp"
#include "cli/display.hpp"

namespace xgate::cli {
namespace {

Outcome read_secrets(const Context& context, const AccountOptions& options,
                     DeviceAccount& account) {
  if (options.product_key.given()) {
    const Result<std::string> key = options.product_key.read(context.env);
    if (!key) return tl::unexpected(key.error());
    account.product_key = *key;
  }
  if (options.device_secret.given()) {
    const Result<std::string> secret = options.device_secret.read(context.env);
    if (!secret) return tl::unexpected(secret.error());
    account.device_secret = *secret;
  }
  return {};
}

/// A secret is told to admins alone (403); who has it need not ask.
tl::unexpected<Failure> not_told(Failure failure, std::string_view instead) {
  if (failure.forbidden) failure.sentence += instead;
  return tl::unexpected(std::move(failure));
}

// What was not given is known to the service.
Outcome ask_about_product(Api& api, const AccountOptions& options, DeviceAccount& account) {
  const bool ask_key = account.product_key.empty();
  const Result<nlohmann::json> product =
      api.get(revealing("/products/" + account.device.product_id, ask_key));
  if (!product)
    return not_told(product.error(), "; give --product-key-file, or a token of role admin");
  account.device.open_id = member_text(*product, "open_id");
  if (ask_key) account.product_key = member_text(*product, "product_key");
  const std::string type = member_text(*product, "auth_type");
  account.auth_type = type == "2" ? 2 : type == "1" ? 1 : 0;
  account.encrypted = member_is_true(*product, "encrypted");
  const auto reading = protocol::key_reading_from(member_text(*product, "key_reading"));
  if (reading && options.key_reading.empty()) account.key_reading = *reading;
  return {};
}

/// Of type 2 each device has a secret of its own, which its platform tells.
Outcome ask_for_secret(Api& api, DeviceAccount& account) {
  if (account.auth_type != 2 || !account.device_secret.empty()) return {};
  const Result<nlohmann::json> device = api.get(revealing("/devices/" + name_of(account), true));
  if (!device)
    return not_told(device.error(), "; give --device-secret-file, or a token of role admin");
  account.device_secret = member_text(*device, "device_secret");
  return {};
}

}  // namespace

void add_account_options(CLI::App& app, AccountOptions& options) {
  add_open_id(app, "--open-id", options.open_id)
      ->description("with the ProductKey: asks the service nothing · 不查询服务，直接给定 OpenID");
  add_secret(app, options.product_key, "product-key",
             "else the service is asked, which tells it to a token of role admin alone · "
             "产品密钥，不给则向服务查询，须用 admin 角色的令牌");
  add_secret(app, options.device_secret, "device-secret",
             "of type 2; or to skip the AUTH- login · 设备密钥：type 2 用，或用于跳过认证登录");
  add_choice(app, "--auth", options.auth, {"0", "1", "2"},
             "the product's authentication type (ID-5), where the service is not asked · "
             "产品认证类型（ID-5），不查询服务时给出");
  app.add_flag("--encrypted", options.encrypted,
               "an encrypted product (ENC-1), where the service is not asked · "
               "加密产品（ENC-1），不查询服务时给出");
  add_choice(app, "--key-reading", options.key_reading,
             {"text_product_key", "bytes_product_key", "text_device_secret", "bytes_device_secret"},
             "how it derives the session key, the first where not given (ENC-2) · "
             "会话密钥推导方式（ENC-2），默认为第一种");
  add_choice(app, "--login-type", options.login_type, {"0", "1"},
             "of the V2_ login, 1 where not given (V2-2) · V2_ 登录的 type，默认 1（V2-2）");
}

Result<std::vector<DeviceAccount>> find_accounts(const Context& context,
                                                 const AccountOptions& options,
                                                 const std::string& product_id,
                                                 const std::vector<std::string>& node_euis) {
  DeviceAccount common;
  common.device = {options.open_id, product_id, node_euis.front()};
  common.auth_type = options.auth.empty() ? 0 : options.auth[0] - '0';
  common.encrypted = options.encrypted;
  common.login_type = options.login_type[0] - '0';
  if (!options.key_reading.empty())
    common.key_reading = *protocol::key_reading_from(options.key_reading);
  if (Outcome read = read_secrets(context, options, common); !read)
    return tl::unexpected(read.error());
  if (!common.device_secret.empty() && node_euis.size() > 1)
    return misused("--device-secret is for one device; there are " +
                   std::to_string(node_euis.size()));
  std::vector<DeviceAccount> accounts;
  accounts.reserve(node_euis.size());
  const bool told = !options.open_id.empty() && !common.product_key.empty();
  if (told) {
    if (common.auth_type == 2 && common.device_secret.empty())
      return misused("--device-secret or --device-secret-file is required with --auth 2");
    for (const std::string& node_eui : node_euis) {
      accounts.push_back(common);
      accounts.back().device.node_eui = node_eui;
    }
    return accounts;
  }
  Result<Api> api = context.connect();
  if (!api) return tl::unexpected(api.error());
  if (Outcome asked = ask_about_product(*api, options, common); !asked)
    return tl::unexpected(asked.error());
  for (const std::string& node_eui : node_euis) {
    accounts.push_back(common);
    accounts.back().device.node_eui = node_eui;
    if (Outcome asked = ask_for_secret(*api, accounts.back()); !asked)
      return tl::unexpected(asked.error());
  }
  return accounts;
}

}  // namespace xgate::cli
