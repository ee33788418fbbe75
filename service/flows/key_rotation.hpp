// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "protocol/session_key.hpp"
#include "service/store/rows.hpp"

namespace xgate::flows {

/// When Command 3 is sent again, and when it has failed. Setting [keys].
struct KeyUpdatePolicy {
  int tries = 0;
  std::vector<int> retry_s;

  /// When an update that has just been sent, for the `sent`-th time, is due again; after the last
  /// try, when it has failed.
  std::int64_t again_at(int sent, std::int64_t now_ms) const;
  /// How long after its key's end an update ends: as long as all tries may take, for a key may live
  /// shorter than that.
  std::int64_t patience_ms() const;

 private:
  std::int64_t retry_ms(int sent) const;
};

/// KEY-1 at a V2_ login of an encrypted device.
enum class KeyAction : std::uint8_t {
  none,
  issue,   ///< the newest key has expired: a new one, to be told by Command 3
  retell,  ///< the newest key was to be told and is still unused: again
};
KeyAction key_action_at_login(std::span<const store::SessionKeyRow> newest_first,
                              std::int64_t now_ms);

/// A new key, to be told by Command 3.
store::NewKey new_update_key(std::int64_t device_id, protocol::SessionKeySeed seed,
                             std::int64_t lifetime_s, const KeyUpdatePolicy& policy,
                             std::int64_t now_ms);

/// KEY-2: what the first use of its key says to a Command 3, as an answer to it.
store::CommandAnswer key_is_used(const store::KeyUpdate& update);

}  // namespace xgate::flows
