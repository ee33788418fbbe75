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
      {"told, still unused",
       {key(now_ms + 1, false, true), key(0, true, false)},
       KeyAction::retell},
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

TEST(KeyRotation, KEY_1_each_try_has_its_own_time_after_it) {
  const KeyUpdatePolicy policy{.tries = 3, .retry_s = {10, 60}};
  EXPECT_EQ(policy.again_at(1, now_ms), now_ms + 10'000);
  EXPECT_EQ(policy.again_at(2, now_ms), now_ms + 60'000);
  EXPECT_EQ(policy.again_at(3, now_ms), now_ms + 60'000) << "the last one repeats";
  EXPECT_GE(policy.patience_ms(), 130'000);
}

TEST(KeyRotation, a_new_key_lives_as_long_as_the_product_says) {
  const KeyUpdatePolicy policy{.tries = 3, .retry_s = {10, 60}};
  const auto issued = new_update_key(7, {"0123ABCD", 0x42}, 3600, policy, now_ms);
  EXPECT_EQ(issued.device_id, 7);
  EXPECT_EQ(issued.issued_at_ms, now_ms);
  EXPECT_EQ(issued.expires_at_ms, now_ms + 3'600'000);
  EXPECT_EQ(issued.tell_until_ms, issued.expires_at_ms + policy.patience_ms());
}

TEST(KeyRotation, KEY_2_the_first_use_of_the_key_settles_its_command) {
  using State = protocol::CommandState;
  const auto said = [](State state) { return key_is_used({5, state, now_ms}); };
  EXPECT_EQ(said(State::sent).command_id, 5);
  EXPECT_EQ(said(State::sent).kind, protocol::CommandKind::key_update);
  EXPECT_EQ(said(State::sent).state, State::done);
  EXPECT_EQ(said(State::sent).reason, "");
  EXPECT_EQ(said(State::sent).at_ms, now_ms);
  EXPECT_EQ(said(State::queued).state, State::cancelled) << "an earlier command told it";
  EXPECT_NE(said(State::queued).reason, "");
  for (const auto late : {State::done, State::failed, State::expired, State::cancelled}) {
    EXPECT_FALSE(said(late).state) << protocol::to_string(late);
  }
}

}  // namespace
}  // namespace xgate::flows
