// SPDX-License-Identifier: Apache-2.0
#include "plugin/standing.hpp"

#include <algorithm>
#include <string_view>

#include "protocol/login.hpp"

namespace xgate::plugin {
namespace {

using protocol::allowed;
using protocol::Decision;
using protocol::refused;
using protocol::Rights;
using protocol::Role;

constexpr std::string_view v2_prefix = "V2_";

Decision check_product(const directory::Product* product, std::string_view open_id,
                       std::string_view requirement) {
  if (product == nullptr) return refused(requirement, "the product is gone");
  if (product->open_id != open_id) return refused(requirement, "the product has another vendor");
  if (!product->enabled) return refused(requirement, "the product or its vendor was disabled");
  return allowed;
}

Decision check_device(const std::optional<directory::Device>& device) {
  if (!device) return refused("V2-4", "the device was deleted");
  if (!device->enabled) return refused("V2-4", "the device was disabled");
  return allowed;
}

Rights rights_of(Role role, const protocol::IdentityView& id, const directory::Product& product) {
  return {role, id, may_ask_auth(product), product.allow_hash};
}

std::optional<StoredClient> stored_auth(const Plugin& plugin, std::string_view id,
                                        std::string_view username) {
  const auto login = protocol::parse_auth_login({id, username, {}});
  if (!login) return std::nullopt;
  const auto* product = plugin.directory.product(login->id.product_id);
  if (!check_product(product, login->id.open_id, "AUTH-1")) return std::nullopt;
  return StoredClient{false, Consumer::none, rights_of(Role::auth, login->id, *product)};
}

std::optional<StoredClient> stored_device(const Plugin& plugin, std::string_view id,
                                          std::string_view username) {
  const auto mark_at = std::min(id.find(mark_sign), id.size());
  const auto name = protocol::parse_device_name(id.substr(0, mark_at).substr(v2_prefix.size()));
  const auto key =
      name ? directory::DeviceKey::from(name->product_id, name->node_eui) : std::nullopt;
  if (!key) return std::nullopt;
  const auto* product = plugin.directory.product(key->product_id());
  const auto open_id = username.substr(0, username.find('-'));
  if (!check_product(product, open_id, "V2-4")) return std::nullopt;
  const auto device = plugin.directory.device(*key);
  if (!check_device(device)) return std::nullopt;
  if (id.substr(mark_at) != view(registration_mark(device->registration))) return std::nullopt;
  const protocol::IdentityView identity{open_id, key->product_id(), key->node_eui()};
  // O-P-N: what BASIC_AUTH compared at the login
  const auto rest = username.substr(open_id.size());
  if (rest.size() != 2 + identity.product_id.size() + identity.node_eui.size() ||
      rest.substr(1, identity.product_id.size()) != identity.product_id ||
      !rest.ends_with(identity.node_eui)) {
    return std::nullopt;
  }
  return StoredClient{false, Consumer::none, rights_of(Role::device, identity, *product)};
}

}  // namespace

Decision still_allowed(Plugin& plugin, Session& session) {
  if (session.kind == Session::Kind::service) {
    if (plugin.accounts.find(session.account) != nullptr) return allowed;
    return refused("V2-6", "the service account is gone from the accounts file");
  }
  const bool is_device = session.kind == Session::Kind::device;
  const std::string_view requirement = is_device ? "V2-4" : "AUTH-1";
  const auto& id = session.identity();
  const auto* product = plugin.directory.product(id.product_id);
  if (auto decision = check_product(product, id.open_id, requirement); !decision) return decision;
  if (product->product_key != session.product_key) {
    return refused(requirement, "the product's ProductKey was changed");
  }
  if (is_device && product->require_type_1 && session.login_type != 1) {
    return refused(
        "V2-3",
        "the product takes logins of type 1 alone now (require_type_1), and this one was "
        "of type 0");
  }
  if (is_device) {
    const auto device = plugin.directory.device(session.key);
    if (auto decision = check_device(device); !decision) return decision;
    if (device->secret != session.secret) {
      return refused("V2-2", "the device's DeviceSecret was changed");
    }
    if (device->registration != session.registration) {
      return refused("V2-4", "the device was deleted and registered anew");
    }
    session.revision = device->revision;
  }
  session.rates = publish_rates(plugin.options.limits, *product);
  session.rights = rights_of(is_device ? Role::device : Role::auth,
                             protocol::view(protocol::Identity(id)), *product);
  return allowed;
}

Consumer consumer_of(const Plugin& plugin, std::string_view client_id) noexcept {
  constexpr std::string_view prefix = "xgate-";
  const std::string& broker = plugin.options.broker_id;
  if (!client_id.starts_with(prefix)) return Consumer::none;
  client_id.remove_prefix(prefix.size());
  if (!client_id.starts_with(broker)) return Consumer::none;
  client_id.remove_prefix(broker.size());
  return client_id == "-uplinks" ? Consumer::uplinks
         : client_id == "-auth"  ? Consumer::auth
                                 : Consumer::none;
}

std::optional<StoredClient> stored_client(const Plugin& plugin, const Client* client) {
  // A listener that takes certificates for logins (use_identity_as_username) never asks
  // BASIC_AUTH: who comes that way is nobody here.
  if (shows_certificate(client)) return std::nullopt;
  const auto id = id_of(client);
  const auto username = username_of(client);
  switch (protocol::login_kind(id, username)) {
    case protocol::LoginKind::auth:
      return stored_auth(plugin, id, username);
    case protocol::LoginKind::v2:
      return id.starts_with(v2_prefix) ? stored_device(plugin, id, username) : std::nullopt;
    case protocol::LoginKind::other:
      break;
  }
  if (plugin.accounts.find(username) == nullptr) return std::nullopt;
  return StoredClient{true, consumer_of(plugin, id), std::nullopt};
}

}  // namespace xgate::plugin
