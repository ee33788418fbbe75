// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>
#include <tl/expected.hpp>

#include "cli/simulate/account.hpp"
#include "protocol/aes.hpp"

// What the platform's answers must look like. A simulated device is also a test of its platform:
// whatever is not as the protocol wants is told with the requirement's id.
namespace xgate::cli {

struct Fault {
  std::string requirement;  ///< empty: not the platform's doing
  std::string reason;       ///< half a sentence
  std::string advice;
};
template <class T>
using Checked = tl::expected<T, Fault>;

inline tl::unexpected<Fault> fault(std::string requirement, std::string reason,
                                   std::string advice = {}) {
  return tl::unexpected(Fault{std::move(requirement), std::move(reason), std::move(advice)});
}

/// What to look at where the broker was not reached.
std::string unreached_advice(std::string_view reason);

/// Null where there is none, or no object.
const nlohmann::json* member(const nlohmann::json& object, const char* name);

/// The form of the parameters that a person gave.
Checked<void> check_account(const DeviceAccount& account);

/// AUTH-4: the Payload of the request.
nlohmann::ordered_json auth_request(const DeviceAccount& account);
/// AUTH-5: the reply's Code, a number.
Checked<std::int64_t> auth_code(const nlohmann::json& payload);
std::string auth_advice(std::int64_t code);
/// ID-4: the reply's DeviceSecret; empty where it has none (AUTH-8).
Checked<std::string> auth_secret(const nlohmann::json& payload);
/// The key that SessionID and Nonce of an auth reply or a Command 3 give (ENC-2, KEY-1).
Checked<protocol::AesKey> session_key_of(const nlohmann::json& payload,
                                         const DeviceAccount& account, protocol::Aes& aes);

struct PlatformAck {
  std::string code;
  std::string msg;
  nlohmann::json data;  ///< null: none
};
/// FRAME-4.
Checked<PlatformAck> ack_of(const nlohmann::json& payload);
/// TIME-1: milliseconds, out of the ack's Data.
Checked<std::int64_t> time_of(const PlatformAck& ack);

/// A frame as it may be shown: a DeviceSecret is none of the screen's business.
std::string shown(const std::string& frame);

}  // namespace xgate::cli
