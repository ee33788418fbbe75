// SPDX-License-Identifier: Apache-2.0
#include "service/flows/key_rotation.hpp"

#include <algorithm>
#include <utility>

namespace xgate::flows {

std::int64_t KeyUpdatePolicy::retry_ms(int sent) const {
  if (retry_s.empty()) {
    return 0;
  }
  const auto last = static_cast<int>(retry_s.size()) - 1;
  return retry_s[static_cast<std::size_t>(std::clamp(sent - 1, 0, last))] * std::int64_t{1000};
}

std::int64_t KeyUpdatePolicy::again_at(int sent, std::int64_t now_ms) const {
  return now_ms + retry_ms(sent);
}

std::int64_t KeyUpdatePolicy::patience_ms() const {
  std::int64_t all = 60'000;  // nothing is sent to the second
  for (int sent = 1; sent <= tries; ++sent) {
    all += retry_ms(sent);
  }
  return all;
}

KeyAction key_action_at_login(std::span<const store::SessionKeyRow> newest_first,
                              std::int64_t now_ms) {
  if (newest_first.empty()) {
    return KeyAction::none;  // it never asked for a key: AUTH-3 wants it to
  }
  const store::SessionKeyRow& newest = newest_first.front();
  if (newest.expires_at_ms <= now_ms) {
    return KeyAction::issue;
  }
  return newest.by_update && !newest.used ? KeyAction::retell : KeyAction::none;
}

store::NewKey new_update_key(std::int64_t device_id, protocol::SessionKeySeed seed,
                             std::int64_t lifetime_s, const KeyUpdatePolicy& policy,
                             std::int64_t now_ms) {
  const std::int64_t expires_at_ms = now_ms + lifetime_s * 1000;
  return store::NewKey{
      .device_id = device_id,
      .seed = std::move(seed),
      .issued_at_ms = now_ms,
      .expires_at_ms = expires_at_ms,
      .tell_until_ms = expires_at_ms + policy.patience_ms(),
  };
}

store::CommandAnswer key_is_used(const store::KeyUpdate& update) {
  using protocol::CommandEvent;
  // It was to be told once more, when the device used it after an earlier command's telling.
  const bool unsent = update.state == protocol::CommandState::queued;
  return {.command_id = update.command_id,
          .kind = protocol::CommandKind::key_update,
          .state = protocol::next_state(update.state,
                                        unsent ? CommandEvent::cancel : CommandEvent::success),
          .code = {},
          .result = {},
          .reason = unsent ? "the device uses the new key already" : "",
          .at_ms = update.used_at_ms};
}

}  // namespace xgate::flows
