// SPDX-License-Identifier: Apache-2.0
#include "service/flows/key_rotation.hpp"

#include <gtest/gtest.h>

namespace xgate::flows {
namespace {

constexpr std::int64_t now_ms = 1'000'000;

store::SessionKeyRow key(std::int64_t expires_at_ms, bool used, bool by_update) {
  store::SessionKeyRow row;
  row.expires_at_ms = expires_at_ms;
  row.used = used;
  row.by_update = by_update;
  return row;
}

TEST(KeyRotation, KEY_1_at_a_login) {
  using Keys = std::vector<store::SessionKeyRow>;
  struct {
    const char* what;
    Keys newest_first;
    KeyAction action;
  } const rows[] = {
      {"never asked for one", {}, KeyAction::none},
      {"a good one", {key(now_ms + 1, true, false)}, KeyAction::none},
      {"from auth, not used yet", {key(now_ms + 1, false, false)}, KeyAction::none},
      {"expired at this moment", {key(now_ms, true, false)}, KeyAction::issue},
      {"expired before it was used", {key(now_ms - 1, false, false)}, KeyAction::issue},
      {"told, still unused", {key(now_ms + 1, false, true), key(0, true, false)}, KeyAction::rearm},
      {"told, in use", {key(now_ms + 1, true, true)}, KeyAction::none},
      {"told, unused, expired itself", {key(now_ms - 1, false, true)}, KeyAction::issue},
      {"auth gave a newer one than was told",
       {key(now_ms + 2, false, false), key(now_ms + 1, false, true)},
       KeyAction::none},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(key_action_at_login(row.newest_first, now_ms), row.action) << row.what;
  }
}

TEST(KeyRotation, KEY_1_the_first_try_waits_for_the_device_to_subscribe) {
  const KeyUpdatePolicy policy{.tries = 3, .retry_s = {10, 60}};
  EXPECT_EQ(policy.due_after_login(now_ms), now_ms + 10'000);
}

TEST(KeyRotation, a_new_key_lives_as_long_as_the_product_says) {
  const auto issued = new_update_key(7, {"0123ABCD", 0x42}, 3600, now_ms + 5, now_ms);
  EXPECT_EQ(issued.device_id, 7);
  EXPECT_EQ(issued.issued_at_ms, now_ms);
  EXPECT_EQ(issued.expires_at_ms, now_ms + 3'600'000);
  EXPECT_EQ(issued.next_try_at_ms, now_ms + 5);
}

}  // namespace
}  // namespace xgate::flows
