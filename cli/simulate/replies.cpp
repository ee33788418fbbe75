// SPDX-License-Identifier: Apache-2.0
#include "cli/simulate/replies.hpp"

#include "mqtt/stream.hpp"
#include "protocol/json.hpp"

namespace xgate::cli {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

}  // namespace

std::string unreached_advice(std::string_view reason) {
  if (reason.find(mqtt::untrusted) != std::string_view::npos)
    return "--ca-file FILE names the authority to trust; --host must be in the certificate.";
  return "Is the broker running there? See --host, --port and --tls.";
}

const json* member(const json& object, const char* name) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

Checked<void> check_account(const DeviceAccount& account) {
  const auto& device = account.device;
  if (!protocol::is_open_id(device.open_id))
    return fault("ID-1", "The OpenID is not 8 hex digits (ID-1).");
  if (!protocol::is_product_id(device.product_id))
    return fault("ID-2", "The ProductID is not 8 hex digits (ID-2).");
  if (!protocol::is_node_eui(device.node_eui))
    return fault("ID-3", "The NodeEui is not 4 to 32 letters and digits (ID-3).");
  if (!protocol::aes_key_from_hex(account.product_key))
    return fault("ID-2", "The ProductKey is not 32 hex digits (ID-2).");
  if (!account.device_secret.empty() && !protocol::is_device_secret(account.device_secret))
    return fault("ID-4", "The DeviceSecret is not 32 hex digits (ID-4).");
  if (account.auth_type == 2 && account.device_secret.empty())
    return fault("AUTH-8",
                 "A type-2 device has its DeviceSecret from the factory (AUTH-8): give it, `xgate "
                 "device show` tells it.");
  return {};
}

ordered_json auth_request(const DeviceAccount& account) {
  return {{"OpenID", account.device.open_id},
          {"ProductID", account.device.product_id},
          {"NodeEui", account.device.node_eui},
          {"Type", account.auth_type}};
}

Checked<std::int64_t> auth_code(const json& payload) {
  const json* code = member(payload, "Code");
  if (code == nullptr || !code->is_number_integer())
    return fault("AUTH-5", "the reply's Payload has no Code that is a number", "AUTH-5 wants one.");
  return code->get<std::int64_t>();
}

std::string auth_advice(std::int64_t code) {
  switch (code) {
    case 1:
      return "The platform is busy or without its database, or too many devices of the product "
             "register "
             "themselves this minute (registration_rate_per_minute): try again later.";
    case 2:
      return "OpenID or ProductID is not registered: compare with `xgate product list`.";
    case 4:
      return "The device is disabled, its NodeEui is illegal, it is not pre-registered although "
             "types 1 and 2 need it (`xgate device add`), it is activated and the product's reauth "
             "is until_activated (`xgate device reset`), or the product's registration_quota is "
             "used "
             "up (`xgate product show`).";
    case 5:
      return "--auth is not the product's type: see `xgate product show`.";
    case 6:
      return "The frame's Version is not the product's protocol version.";
    default:
      return "The protocol knows no such Code (AUTH-6).";
  }
}

Checked<std::string> auth_secret(const json& payload) {
  const json* secret = member(payload, "DeviceSecret");
  if (secret == nullptr) return std::string();
  if (!secret->is_string() || !protocol::is_device_secret(secret->get_ref<const std::string&>()))
    return fault("ID-4", "the reply's DeviceSecret is not 32 hex digits", "ID-4 wants them.");
  return secret->get<std::string>();
}

Checked<protocol::AesKey> session_key_of(const json& payload, const DeviceAccount& account,
                                         protocol::Aes& aes) {
  const json* id = member(payload, "SessionID");
  const json* nonce = member(payload, "Nonce");
  if (id == nullptr || !id->is_string() || nonce == nullptr || !nonce->is_number_integer())
    return fault("AUTH-5", "there is no SessionID (string) with a Nonce (number)",
                 "Is the product encrypted? See `xgate product show`.");
  const auto product_key = protocol::aes_key_from_hex(account.product_key);
  const auto secret = protocol::aes_key_from_hex(account.device_secret);
  const auto key = protocol::derive_session_key(
      id->get<std::string>(), nonce->get<int>(), account.key_reading,
      product_key.value_or(protocol::AesKey{}), secret.value_or(protocol::AesKey{}), aes);
  if (!key)
    return fault("ENC-2", "no session key follows from this SessionID and Nonce",
                 "Another --key-reading may (ENC-2).");
  return *key;
}

Checked<PlatformAck> ack_of(const json& payload) {
  const json* code = member(payload, "Code");
  if (code == nullptr || !code->is_string())
    return fault("FRAME-4", "the ack's Payload has no Code that is a string", "FRAME-4 wants one.");
  const json* msg = member(payload, "Msg");
  if (msg != nullptr && !msg->is_string())
    return fault("FRAME-4", "the ack's Msg is no string", "FRAME-4 wants one.");
  const json* data = member(payload, "Data");
  return PlatformAck{code->get<std::string>(), msg == nullptr ? "" : msg->get<std::string>(),
                     data == nullptr ? json() : *data};
}

Checked<std::int64_t> time_of(const PlatformAck& ack) {
  const json* timestamp = member(ack.data, "timestamp");
  const json* zone = member(ack.data, "timezone");
  if (timestamp == nullptr || !timestamp->is_number_integer() || zone == nullptr ||
      !zone->is_string())
    return fault("TIME-1", "the answer has no Data with timestamp (ms) and timezone",
                 "TIME-1 wants both.");
  return timestamp->get<std::int64_t>();
}

std::string shown(const std::string& text) {
  ordered_json frame = ordered_json::parse(text, nullptr, false);
  if (frame.is_discarded() || !frame.is_object()) return text;
  const auto found = frame.find("Payload");
  if (found == frame.end() || !found->is_object() || !found->contains("DeviceSecret")) return text;
  (*found)["DeviceSecret"] = "********";
  return frame.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

}  // namespace xgate::cli
