// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "protocol/auth.hpp"
#include "protocol/identity.hpp"
#include "protocol/payload.hpp"
#include "protocol/session_key.hpp"

// Rows as they are read and written: plain data, so that the flows need no database.
// Every time is Unix milliseconds.
namespace xgate::store {

struct Product {
  std::string product_id;
  std::string open_id;
  std::string product_key;  ///< 32 hex digits, as issued
  protocol::AuthType auth_type = protocol::AuthType::product_secret_unregistered;
  bool encrypted = false;
  bool enabled = false;  ///< the product and its vendor
  std::string version;
  std::int64_t key_lifetime_s = 0;
  std::optional<protocol::KeyReading> key_reading;  ///< unset: auto (ENC-2)
  std::optional<bool> reveal_device_secret;
  protocol::Reauth reauth = protocol::Reauth::always;
  bool accept_plaintext = false;
};

struct Device {
  std::int64_t device_id = 0;
  std::string product_id;
  std::string node_eui;
  std::string device_secret;  ///< 32 hex digits
  bool enabled = false;
  bool activated = false;
  std::int64_t revision = 0;
};

/// One session key with what the store knows beyond protocol::SessionKey.
struct SessionKeyRow {
  protocol::SessionKey key;
  std::int64_t expires_at_ms = 0;
  bool used = false;
  bool by_update = false;  ///< issued for Command 3 (KEY-1), not by an auth reply
};

/// A device's key. Ordered by product first.
struct DeviceName {
  std::string product_id;
  std::string node_eui;
  bool operator==(const DeviceName&) const = default;
  bool operator<(const DeviceName& other) const noexcept {
    return std::tie(product_id, node_eui) < std::tie(other.product_id, other.node_eui);
  }
};

/// What a batch needs to know, as one read set.
struct State {
  std::map<std::string, Product, std::less<>> products;
  std::map<DeviceName, Device> devices;
  /// By device_id, newest first.
  std::map<std::int64_t, std::vector<SessionKeyRow>> keys;

  const Product* product(std::string_view product_id) const {
    const auto found = products.find(product_id);
    return found == products.end() ? nullptr : &found->second;
  }
  const Device* device(const DeviceName& name) const {
    const auto found = devices.find(name);
    return found == devices.end() ? nullptr : &found->second;
  }
};

struct MessageRow {
  std::int64_t received_at_ms = 0;
  std::optional<std::int64_t> device_id;
  std::string product_id;
  std::string node_eui;
  std::string topic;
  std::optional<std::string> message_id;  ///< JSON text
  std::optional<int> header_ctrl;
  std::optional<std::string> payload;  ///< JSON text, decrypted
  bool encrypted = false;
  std::string raw;
  bool redelivered = false;
  std::optional<std::string> code;
  std::optional<std::string> requirement;
  std::optional<std::string> reason;
};

struct FirmwareRow {
  std::int64_t device_id = 0;
  std::string module;
  std::string hard_ver;
  std::string soft_ver;
  int type = 2;
  std::int64_t reported_at_ms = 0;
};

/// KEY-2: a message opened with this key; the older ones of the device are dead.
struct KeyUse {
  std::int64_t device_id = 0;
  std::int64_t session_key_id = 0;
  protocol::KeyReading reading = protocol::KeyReading::text_product_key;
  std::int64_t used_at_ms = 0;
};

/// A key to be issued. `next_try_at_ms` unset: told by an auth reply, not by Command 3.
struct NewKey {
  std::int64_t device_id = 0;
  protocol::SessionKeySeed seed;
  std::int64_t issued_at_ms = 0;
  std::int64_t expires_at_ms = 0;
  std::optional<std::int64_t> next_try_at_ms;
};

struct Presence {
  std::int64_t device_id = 0;
  bool online = false;
  std::string broker;
  std::string epoch;
  std::int64_t session = 0;
  std::string client_id;
  std::string address;
  std::optional<std::int64_t> activated_at_ms;
  std::optional<std::int64_t> online_at_ms;
  std::optional<std::int64_t> offline_at_ms;
  std::int64_t last_type1_timestamp = 0;
  bool operator==(const Presence&) const = default;
};

struct RefusalRow {
  std::int64_t refused_at_ms = 0;
  std::string what;
  std::string broker;
  std::optional<std::string> product_id;
  std::optional<std::string> node_eui;
  std::string client_id;
  std::string username;
  std::string address;
  std::optional<std::string> topic;
  std::string requirement;
  std::string reason;
  std::optional<std::string> explanation;
};

/// A key whose Command 3 is to be sent now.
struct DueKey {
  protocol::Identity device;
  protocol::SessionKeySeed seed;
  int tries = 0;  ///< this one included
};

}  // namespace xgate::store
