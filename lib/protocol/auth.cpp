// SPDX-License-Identifier: Apache-2.0
#include "protocol/auth.hpp"

#include <utility>

#include "protocol/explain_json.hpp"
#include "protocol/explain_payload.hpp"
#include "protocol/json.hpp"

namespace xgate::protocol {
namespace {

using nlohmann::json;

constexpr int authenticate = 1;

AuthVerdict refuse(AuthCode code, std::string_view requirement, std::string_view reason) {
  AuthVerdict verdict;
  verdict.code = code;
  verdict.requirement = requirement;
  verdict.reason = reason;
  return verdict;
}

/// AUTH-4: what the payload claims, against who is logged in.
std::optional<AuthVerdict> refuse_identity(const Identity& claimed, const IdentityView& login) {
  if (claimed.open_id != login.open_id) {
    return refuse(AuthCode::product_not_registered, "AUTH-4",
                  "the payload's OpenID is not that of the login");
  }
  if (claimed.product_id != login.product_id) {
    return refuse(AuthCode::product_not_registered, "AUTH-4",
                  "the payload's ProductID is not that of the login");
  }
  if (claimed.node_eui != login.node_eui) {
    return is_node_eui(claimed.node_eui)
               ? refuse(AuthCode::device_refused, "AUTH-4",
                        "the payload's NodeEui is not that of the login")
               : refuse(AuthCode::device_refused, "AUTH-6",
                        "the payload's NodeEui is not of 4 to 32 letters and digits");
  }
  return std::nullopt;
}

std::optional<AuthVerdict> refuse_product(const AuthRequest& request, const Frame& frame,
                                          const std::optional<AuthState::Product>& product) {
  if (!product || product->open_id != request.id.open_id) {
    return refuse(AuthCode::product_not_registered, "AUTH-6",
                  "the product is not registered under this OpenID");
  }
  if (!product->enabled) {
    return refuse(AuthCode::product_not_registered, "AUTH-6",
                  "the product or its vendor is disabled");
  }
  if (auth_type_from(request.type) != product->auth_type) {
    return refuse(AuthCode::type_mismatch, "AUTH-6",
                  "Type " + std::to_string(request.type) + " is not the product's, which is " +
                      std::to_string(static_cast<int>(product->auth_type)));
  }
  if (frame.version != product->version) {
    return refuse(AuthCode::version_mismatch, "AUTH-6",
                  "Version is not the product's protocol version, which is \"" + product->version +
                      "\", as a string");
  }
  return std::nullopt;
}

std::optional<AuthVerdict> refuse_device(const AuthState::Product& product,
                                         const std::optional<AuthState::Device>& device) {
  if (!device) {
    if (product.auth_type == AuthType::product_secret_unregistered) return std::nullopt;
    return refuse(AuthCode::device_refused, "AUTH-6",
                  "the device is not registered, as this product's devices must be beforehand");
  }
  if (!device->enabled) return refuse(AuthCode::device_refused, "AUTH-6", "the device is disabled");
  if (product.reauth == Reauth::until_activated && device->activated) {
    return refuse(AuthCode::device_refused, "AUTH-11",
                  "the device is activated and its product's reauth is until_activated: reset the "
                  "device to let it ask again");
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_string(Reauth reauth) noexcept {
  switch (reauth) {
    case Reauth::always:
      return "always";
    case Reauth::until_activated:
      return "until_activated";
  }
  return {};
}

std::optional<Reauth> reauth_from(std::string_view text) noexcept {
  for (const auto reauth : {Reauth::always, Reauth::until_activated}) {
    if (text == to_string(reauth)) return reauth;
  }
  return std::nullopt;
}

tl::expected<AuthRequest, FrameRefusal> parse_auth_request(const Frame& frame) {
  const auto refuse_frame = [&](std::string reason) {
    return tl::make_unexpected(
        FrameRefusal{"AUTH-4", std::move(reason), frame.message_id, frame.header_ctrl});
  };
  if (!frame.payload.is_object()) {
    const auto why = explain_string_payload(frame.payload);
    return refuse_frame(
        looks_encrypted(frame.payload)
            ? "Payload is not an object: it looks encrypted, and is sent plain here "
              "(ENC-3)"
        : why.empty() ? "Payload is not an object"
                      : std::string(why));
  }
  AuthRequest request;
  const std::pair<const char*, std::string*> texts[] = {{"OpenID", &request.id.open_id},
                                                        {"ProductID", &request.id.product_id},
                                                        {"NodeEui", &request.id.node_eui}};
  for (const auto& [name, out] : texts) {
    const auto member = frame.payload.find(name);
    if (member == frame.payload.end()) return refuse_frame(missing_member(frame.payload, name));
    if (!member->is_string()) return refuse_frame(std::string(name) + " is not a string");
    *out = member->get_ref<const std::string&>();
  }
  const auto type = frame.payload.find("Type");
  if (type == frame.payload.end()) return refuse_frame(missing_member(frame.payload, "Type"));
  const auto number = whole_number(*type);
  if (!number) return refuse_frame("Type is not a whole number");
  request.type = *number;
  if (const auto random = frame.payload.find("Random"); random != frame.payload.end()) {
    request.random = *random;
  }
  return request;
}

AuthVerdict decide_auth(const AuthRequest& request, const Frame& frame, const IdentityView& login,
                        const AuthState& state) {
  if (auto refusal = refuse_identity(request.id, login)) return std::move(*refusal);
  if (auto refusal = refuse_product(request, frame, state.product)) return std::move(*refusal);
  const auto& product = *state.product;
  if (auto refusal = refuse_device(product, state.device)) return std::move(*refusal);

  AuthVerdict verdict;
  verdict.code = AuthCode::success;
  verdict.register_device = !state.device;
  verdict.issue_session_key = product.encrypted;
  verdict.reveal_device_secret = product.reveal_device_secret.value_or(
      product.auth_type != AuthType::device_secret_registered);
  return verdict;
}

std::string build_auth_reply(const MessageId& message_id, AuthCode code,
                             const std::string* device_secret, const SessionKeySeed* seed,
                             const json* random) {
  const bool success = code == AuthCode::success;
  auto payload = nlohmann::ordered_json::object();
  payload["Code"] = static_cast<int>(code);
  // AUTH-6: whatever the caller holds in its hands, a refusal takes no key with it.
  if (success && device_secret != nullptr) payload["DeviceSecret"] = *device_secret;
  if (success && seed != nullptr) {
    payload["SessionID"] = seed->session_id;
    payload["Nonce"] = seed->nonce;
  }
  if (code == AuthCode::product_not_registered && random != nullptr) payload["Random"] = *random;
  return build_frame_of_text(message_id, authenticate, payload.dump());
}

std::string build_auth_failure(const MessageId& message_id, std::string_view reason) {
  std::string payload = R"({"Code":)";
  payload += code_failure;
  payload += R"(,"Msg":)" + compact(reason) + '}';
  return build_frame_of_text(message_id, authenticate, payload);
}

}  // namespace xgate::protocol
