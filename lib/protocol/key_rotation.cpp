// SPDX-License-Identifier: Apache-2.0
#include "protocol/key_rotation.hpp"

#include "protocol/frame.hpp"
#include "protocol/random.hpp"

namespace xgate::protocol {

std::string build_session_key_update(std::int64_t message_id, const SessionKeySeed& seed) {
  constexpr int update_session_key = 3;
  nlohmann::ordered_json payload;
  payload["SessionID"] = seed.session_id;
  payload["Nonce"] = seed.nonce;
  return build_frame_of_text(message_id, update_session_key, payload.dump());
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
