// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fstream>
#include <stdexcept>
#include <string>

#include <nlohmann/json.hpp>

#include "protocol/aes.hpp"
#include "protocol/identity.hpp"

namespace xgate::protocol {

/// The protocol's worked examples (sections 2.2.5, 4.2.1, 4.4).
inline const nlohmann::json& vectors() {
  static const auto loaded = [] {
    std::ifstream file(std::string(XGATE_SOURCE_DIR) + "/tests/unit/protocol/vectors.json");
    return nlohmann::json::parse(file);
  }();
  return loaded;
}

/// The device of the login examples.
struct Example {
  const nlohmann::json& type0 = vectors().at("login").at(0);
  const nlohmann::json& type1 = vectors().at("login").at(1);
  std::string open_id = type0.at("open_id");
  std::string product_id = type0.at("product_id");
  std::string node_eui = type0.at("node_eui");
  std::string product_key = type0.at("product_key");
  std::string device_secret = type0.at("device_secret");
  std::string username = type0.at("username");

  IdentityView id() const { return {open_id, product_id, node_eui}; }
  AesKey secret() const { return aes_key_from_hex(device_secret).value(); }
  AesKey product_key_bytes() const { return aes_key_from_hex(product_key).value(); }
};

}  // namespace xgate::protocol
