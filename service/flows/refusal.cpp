// SPDX-License-Identifier: Apache-2.0
#include "service/flows/refusal.hpp"

#include "protocol/login.hpp"

namespace xgate::flows {
namespace {

std::optional<std::string> or_nothing(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

std::optional<std::string> explain(const link::Refused& event, const store::Product* product,
                                   const store::Device* device) {
  // Only a password can be explained, and only against a device that exists.
  const bool of_password = event.requirement == "V2-2" || event.also == "V2-2";
  if (event.what != link::Refused::What::login || !of_password || product == nullptr ||
      device == nullptr) {
    return std::nullopt;
  }
  const auto login = protocol::parse_v2_login({event.client_id, event.username, event.password});
  const auto secret = protocol::aes_key_from_hex(device->device_secret);
  if (!login || !secret) {
    return std::nullopt;
  }
  return or_nothing(
      protocol::explain_v2_password(*login, event.password, product->product_key, *secret));
}

}  // namespace

store::RefusalRow refusal(std::string_view broker, const link::Refused& event,
                          const store::Product* product, const store::Device* device) {
  return store::RefusalRow{
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
                  .explanation = explain(event, product, device)},
  };
}

}  // namespace xgate::flows
