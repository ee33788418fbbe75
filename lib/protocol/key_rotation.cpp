// SPDX-License-Identifier: Apache-2.0
#include "protocol/key_rotation.hpp"

#include <nlohmann/json.hpp>

#include "protocol/random.hpp"

namespace xgate::protocol {

std::string key_update_payload(std::string_view session_id, int nonce) {
  nlohmann::ordered_json payload;
  payload["SessionID"] = session_id;
  payload["Nonce"] = nonce;
  return payload.dump();
}

std::int64_t new_message_id() {
  std::int64_t id = 0;
  while (id == 0) {
    const auto bytes = random_bytes<4>();
    id = (bytes[0] & 0x7F) << 24 | bytes[1] << 16 | bytes[2] << 8 | bytes[3];
  }
  return id;
}

}  // namespace xgate::protocol
