// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "plugin/plugin.hpp"
#include "protocol/decision.hpp"

// Whether who is there may still be there.
namespace xgate::plugin {

/// Judges a live session by what is known now. Where it stays, its rights are brought up to date.
protocol::Decision still_allowed(Plugin& plugin, Session& session);

/// A client that is not live but still has a stored session or a will to be sent. The broker tells
/// nobody when it frees such an object, and after its restart it has objects that never logged in:
/// they are known by client id and username, which no login could have got past BASIC_AUTH with
/// unless they were its own.
struct StoredClient {
  bool service = false;
  Consumer consumes = Consumer::none;
  std::optional<protocol::Rights> rights;  ///< of a device
};
/// Nothing where it is nobody's, or of one who may not be there any more.
std::optional<StoredClient> stored_client(const Plugin& plugin, const Client* client);

/// Whether it is the service's connection to which the devices' messages go.
Consumer consumer_of(const Plugin& plugin, std::string_view client_id) noexcept;

/// A V2_ login of these products may use /sys/device/auth too (TOPIC-2).
inline bool may_ask_auth(const directory::Product& product) noexcept {
  return product.encrypted || product.auth_type == protocol::AuthType::device_secret_registered;
}

}  // namespace xgate::plugin
