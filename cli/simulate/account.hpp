// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "protocol/identity.hpp"
#include "protocol/session_key.hpp"

namespace xgate::cli {

struct BrokerAddress {
  std::string host = "127.0.0.1";
  std::uint16_t port = 1883;
  bool tls = false;
  std::string ca_file;   ///< empty: the system's
  int mqtt_version = 4;  ///< 4: MQTT 3.1.1, 5: MQTT 5
};

/// What was burnt into a device (§2.2.3), and what its product wants of it.
struct DeviceAccount {
  protocol::Identity device;
  std::string product_key;    ///< 32 hex digits
  std::string device_secret;  ///< 32 hex digits: of type 2, or to skip the AUTH- login (AUTH-3)
  int auth_type = 0;          ///< the product's type, 0|1|2
  bool encrypted = false;
  protocol::KeyReading key_reading = protocol::KeyReading::text_product_key;  ///< ENC-2
  int login_type = 1;                                                         ///< V2-2
};

inline std::string name_of(const DeviceAccount& account) {
  return protocol::device_name(account.device.product_id, account.device.node_eui);
}

}  // namespace xgate::cli
