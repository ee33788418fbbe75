// SPDX-License-Identifier: Apache-2.0
#include "service/flows/key_rotation.hpp"

#include <utility>

namespace xgate::flows {

KeyAction key_action_at_login(std::span<const store::SessionKeyRow> newest_first,
                              std::int64_t now_ms) {
  if (newest_first.empty()) {
    return KeyAction::none;  // it never asked for a key: AUTH-3 wants it to
  }
  const store::SessionKeyRow& newest = newest_first.front();
  if (newest.expires_at_ms <= now_ms) {
    return KeyAction::issue;
  }
  return newest.by_update && !newest.used ? KeyAction::rearm : KeyAction::none;
}

store::NewKey new_update_key(std::int64_t device_id, protocol::SessionKeySeed seed,
                             std::int64_t lifetime_s, std::int64_t due_ms, std::int64_t now_ms) {
  return store::NewKey{
      .device_id = device_id,
      .seed = std::move(seed),
      .issued_at_ms = now_ms,
      .expires_at_ms = now_ms + lifetime_s * 1000,
      .next_try_at_ms = due_ms,
  };
}

}  // namespace xgate::flows
