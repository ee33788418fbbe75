// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "protocol/key_rotation.hpp"
#include "service/store/rows.hpp"

namespace xgate::flows {

/// When Command 3 is sent, and again (store::take_due_keys). Setting [keys].
struct KeyUpdatePolicy {
  int tries = 0;
  std::vector<std::int64_t> retry_s;

  /// When a device that logs in is told, should it not say before that it listens.
  std::int64_t due_after_login(std::int64_t now_ms) const {
    return now_ms + (retry_s.empty() ? 0 : retry_s.front()) * 1000;
  }
};

/// KEY-1 at a V2_ login of an encrypted device.
enum class KeyAction : std::uint8_t {
  none,
  issue,  ///< the newest key has expired: a new one, to be told by Command 3
  rearm,  ///< the newest key was to be told and is still unused: three more tries
};
KeyAction key_action_at_login(std::span<const store::SessionKeyRow> newest_first,
                              std::int64_t now_ms);

/// A new key, to be told by Command 3 for the first time when `due_ms`.
store::NewKey new_update_key(std::int64_t device_id, protocol::SessionKeySeed seed,
                             std::int64_t lifetime_s, std::int64_t due_ms, std::int64_t now_ms);

}  // namespace xgate::flows
