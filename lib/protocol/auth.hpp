// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>
#include <tl/expected.hpp>

#include "protocol/frame.hpp"
#include "protocol/identity.hpp"

namespace xgate::protocol {

/// AUTH-6. A JSON number on the wire.
enum class AuthCode : int {
  success = 0,
  busy = 1,
  product_not_registered = 2,
  device_refused = 4,
  type_mismatch = 5,
  version_mismatch = 6,
};

/// Setting `reauth` (AUTH-11).
enum class Reauth : std::uint8_t { always, until_activated };
std::string_view to_string(Reauth reauth) noexcept;
std::optional<Reauth> reauth_from(std::string_view text) noexcept;

/// The Payload of a request (AUTH-4).
struct AuthRequest {
  Identity id;
  std::int64_t type = -1;
  std::optional<nlohmann::json> random;  ///< returned as it came with Code 2
};
/// FRAME-5's refusal where a member is missing or of a wrong type.
tl::expected<AuthRequest, FrameRefusal> parse_auth_request(const Frame& frame);

/// What the platform knows when it answers.
struct AuthState {
  struct Product {
    std::string open_id;
    AuthType auth_type = AuthType::product_secret_unregistered;
    bool enabled = true;
    bool encrypted = false;
    std::string version{protocol_version};
    Reauth reauth = Reauth::always;
    std::optional<bool> reveal_device_secret;  ///< unset: on for types 0 and 1, off for 2 (AUTH-8)
  };
  struct Device {
    bool enabled = true;
    bool activated = false;
  };
  std::optional<Product> product;
  std::optional<Device> device;
};

/// The answer in terms of what must happen before it may leave (AUTH-5…11).
struct AuthVerdict {
  AuthCode code = AuthCode::busy;
  std::string requirement;         ///< of a refusal
  std::string reason;              ///< of a refusal, for the operator
  bool register_device = false;    ///< AUTH-7: store the device with a new secret first
  bool issue_session_key = false;  ///< encrypted product: store a new SessionID and Nonce first
  bool reveal_device_secret = false;
};
/// `login` is the client's identity as the broker stamped it (AUTH-4), never the payload's.
AuthVerdict decide_auth(const AuthRequest& request, const Frame& frame, const IdentityView& login,
                        const AuthState& state);

struct SessionKeySeed {
  std::string session_id;
  int nonce = 0;
};
/// The reply's whole frame. `device_secret` and `seed` null leave their members out.
std::string build_auth_reply(const MessageId& message_id, AuthCode code,
                             const std::string* device_secret, const SessionKeySeed* seed,
                             const nlohmann::json* random);
/// The reply to a request that could not be read: 4001, here a number like every Code (AUTH-5).
std::string build_auth_failure(const MessageId& message_id, std::string_view reason);

}  // namespace xgate::protocol
