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

/// When Command 3 is sent again. Setting [keys].
struct KeyUpdatePolicy {
  int tries = 3;
  std::vector<std::int64_t> retry_s{5, 15, 30};

  /// How long after the `sent`-th sending the next one is due; 0 = the wait after a login for the
  /// device to subscribe. Unset: that was the last.
  std::optional<std::int64_t> delay_after(int sent) const;
  /// When a device that logs in is told, should it not say before that it listens.
  std::int64_t due_after_login(std::int64_t now_ms) const {
    return now_ms + delay_after(0).value_or(0) * 1000;
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
