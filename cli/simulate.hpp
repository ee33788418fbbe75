// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>

#include "protocol/identity.hpp"
#include "protocol/session_key.hpp"

namespace xgate::cli {

/// One device's whole way: AUTH- login → its secret → V2_ login → time → firmware → uplinks.
struct SimulateOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 1883;
  bool tls = false;
  std::string ca_file;   ///< empty: the system's
  int mqtt_version = 4;  ///< 4: MQTT 3.1.1, 5: MQTT 5

  protocol::Identity device;
  std::string product_key;    ///< 32 hex digits
  std::string device_secret;  ///< 32 hex digits: for type 2, or to skip the AUTH- login (AUTH-3)
  int auth_type = 0;          ///< the product's type, 0|1|2
  bool encrypted = false;
  protocol::KeyReading key_reading = protocol::KeyReading::text_product_key;  ///< ENC-2
  int login_type = 1;                                                         ///< V2-2

  std::string hard_ver = "1.0";
  std::string soft_ver = "1.0.0";
  int uplinks = 3;
  std::chrono::milliseconds interval{1000};
  std::string payload;  ///< JSON; empty: a counter and a temperature that changes
  /// Stays this long after the last uplink, printing what the platform sends (Command 3, 7).
  std::chrono::milliseconds linger{0};

  std::chrono::milliseconds answer_timeout{5000};  ///< then the request is sent again
  int tries = 3;                                   ///< §5.1 recommends 2–3 resends

  bool json = false;   ///< one JSON object a step instead of text
  bool color = false;  ///< set by the caller where `out` is a terminal
};

/// Prints each step to `out`. 0: every step was answered as the protocol wants; 1: one was not
/// (the last line says which, and what to do); 2: the options cannot be used.
int simulate(const SimulateOptions& options, std::ostream& out);

}  // namespace xgate::cli
