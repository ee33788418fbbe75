// SPDX-License-Identifier: Apache-2.0
#include "service/flows/refusal.hpp"

#include <utility>
#include <vector>

#include "protocol/explain_names.hpp"
#include "protocol/explain_topic.hpp"
#include "protocol/login.hpp"

namespace xgate::flows {
namespace {

std::optional<std::string> or_nothing(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

protocol::Credentials credentials_of(const link::Refused& event) {
  return {event.client_id, event.username, event.password};
}

bool is_about(const link::Refused& event, std::string_view requirement) {
  return event.requirement == requirement || event.also == requirement;
}

/// V2-2: only a password can be explained, and only against a device that exists.
std::string explain_v2(const link::Refused& event, const store::Product* product,
                       const store::Device* device) {
  const auto login = protocol::parse_v2_login(credentials_of(event));
  if (!login || product == nullptr || device == nullptr) {
    return {};
  }
  const auto secret = protocol::aes_key_from_hex(device->device_secret);
  return secret
             ? protocol::explain_v2_password(*login, event.password, product->product_key, *secret)
             : std::string();
}

std::string explain_auth(const link::Refused& event, const store::Product* product,
                         const store::Device* device) {
  const auto login = protocol::parse_auth_login(credentials_of(event));
  const bool of_password = login && product != nullptr && product->enabled &&
                           product->open_id == login->id.open_id &&
                           product->product_key != event.password;
  return of_password ? protocol::explain_auth_password(
                           login->id, event.password, product->product_key,
                           device == nullptr ? std::string_view() : device->device_secret)
                     : std::string();
}

/// ID-3: letters of a NodeEui count in their case.
std::string explain_node_eui(const link::Refused& event, const store::State& state) {
  for (const auto& [name, device] : state.devices) {
    if (name.product_id == event.device.product_id && name.node_eui != event.device.node_eui &&
        protocol::same_but_for_case(name.node_eui, event.device.node_eui)) {
      return "the NodeEui is in another case: the device " +
             protocol::device_name(name.product_id, name.node_eui) + " is registered";
    }
  }
  return {};
}

std::string explain_login(const link::Refused& event, const store::State& state) {
  const store::Product* product = state.product(event.device.product_id);
  const store::Device* device = state.device({event.device.product_id, event.device.node_eui});
  if (is_about(event, "V2-2")) {
    return explain_v2(event, product, device);
  }
  const bool of_names = is_about(event, "V2-1") || is_about(event, "V2-4") ||
                        is_about(event, "AUTH-1") || is_about(event, "ID-3");
  if (!of_names) {
    return {};
  }
  if (is_about(event, "AUTH-1")) {
    if (auto text = explain_auth(event, product, device); !text.empty()) {
      return text;
    }
  }
  std::vector<protocol::NamedProduct> products;
  for (const auto& [id, known] : state.products) {
    products.push_back({id, known.open_id});
  }
  auto text = protocol::explain_names(credentials_of(event), products);
  return text.empty() && device == nullptr ? explain_node_eui(event, state) : text;
}

/// A topic's row of section 4 stands for the section where the broker did not find it.
void explain_topic(const link::Refused& event, store::Refusal& refusal) {
  const auto explained = protocol::explain_topic(event.topic, protocol::view(event.device));
  if (refusal.requirement == "TOPIC" && !explained.requirement.empty()) {
    refusal.requirement = explained.requirement;
  }
  refusal.explanation = or_nothing(explained.text);
}

}  // namespace

void names_to_explain(const link::Refused& event, std::set<store::DeviceName>& names) {
  names.insert({event.device.product_id, event.device.node_eui});
  if (event.what != link::Refused::What::login) {
    return;
  }
  for (std::string& id : protocol::possible_product_ids(credentials_of(event))) {
    names.insert({std::move(id), event.device.node_eui});
  }
  for (std::string& node_eui : protocol::in_either_case(event.device.node_eui)) {
    names.insert({event.device.product_id, std::move(node_eui)});
  }
}

store::RefusalRow refusal(std::string_view broker, const link::Refused& event,
                          const store::State& state) {
  store::RefusalRow row{
      .refused_at_ms = event.at_ms,
      .refusal = {.what = std::string(to_string(event.what)),
                  .broker = std::string(broker),
                  .product_id = or_nothing(event.device.product_id),
                  .node_eui = or_nothing(event.device.node_eui),
                  .client_id = event.client_id,
                  .username = event.username,
                  .address = event.address,
                  .topic = or_nothing(event.topic),
                  .requirement = event.requirement,
                  .reason = event.reason,
                  .explanation = {}},
  };
  if (event.what == link::Refused::What::login) {
    row.refusal.explanation = or_nothing(explain_login(event, state));
  } else if (!event.device.node_eui.empty()) {
    explain_topic(event, row.refusal);
  }
  return row;
}

}  // namespace xgate::flows
