// SPDX-License-Identifier: Apache-2.0
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "protocol/ota.hpp"

// OTA-1…3 over thousands of histories: reports, resends, reconnects, restarts of the broker,
// duplicates, late answers, time limits, in any order. The seed is fixed: a failure comes again.
namespace xgate::protocol {
namespace {

using S = UpgradeState;
using E = UpgradeEvent;
using A = UpgradeAction;

constexpr int histories = 4000;
constexpr std::int64_t start_ms = 1'000'000;

/// What was said once, and may be delivered again.
struct Message {
  bool confirmation = false;
  std::string version;
  std::string session;
};

/// One device, its broker, and the upgrade as the platform keeps it.
class History {
 public:
  explicit History(unsigned seed) : random_(seed) {}

  Upgrade upgrade{.version = "v2"};
  std::vector<Message> said;

  int pick(int below) { return std::uniform_int_distribution<int>(0, below - 1)(random_); }
  std::int64_t now() { return now_ += pick(4) == 0 ? notify_again_after_ms : 1000; }
  std::string session() const { return epoch_ + '/' + std::to_string(number_); }
  void reconnect() { ++number_; }
  void restart_broker() {
    epoch_ += 'x';
    number_ = 1;
  }

  A deliver(const Message& message, bool redelivered) {
    if (message.confirmation) {
      on_confirmation(upgrade, {message.session, redelivered, now()});
      return A::none;
    }
    return on_firmware_report(upgrade, message.version, {message.session, redelivered, now()});
  }
  A say(bool confirmation, std::string version) {
    const bool stamped = pick(10) != 0;
    said.push_back({confirmation, std::move(version), stamped ? session() : ""});
    return deliver(said.back(), false);
  }
  void operate(E event) {
    const auto transition = transition_of(event);
    if (std::ranges::find(transition.from, upgrade.state) == transition.from.end()) return;
    upgrade.state = transition.to;
    if (event == E::retry) upgrade = Upgrade{.version = upgrade.version};
  }

 private:
  std::mt19937 random_;
  std::string epoch_ = "e";
  std::uint64_t number_ = 1;
  std::int64_t now_ = start_ms;
};

/// Something happens; what does not concern the platform changes only where the device is.
A anything(History& history) {
  constexpr std::array versions{"v1", "v1.5", "v2"};
  switch (history.pick(12)) {
    case 0:
    case 1:
    case 2:
      return history.say(false, versions.at(static_cast<std::size_t>(history.pick(3))));
    case 3:
    case 4:
      return history.say(true, "");
    case 5:
    case 6:
      history.reconnect();
      return A::none;
    case 7:
      history.restart_broker();
      return A::none;
    case 8:
      history.operate(E::download_started);
      return A::none;
    case 9:
      if (!history.said.empty()) {
        const auto place = history.pick(static_cast<int>(history.said.size()));
        return history.deliver(history.said[static_cast<std::size_t>(place)], true);
      }
      return A::none;
    case 10:
      history.operate(history.pick(2) == 0 ? E::time_limit : E::cancel);
      return A::none;
    default:
      history.operate(E::retry);
      return A::none;
  }
}

/// What must hold between any two moments.
void check(const Upgrade& before, const Upgrade& after, A action, const std::string& last_version) {
  if (!is_live(before.state)) {
    const bool retried =
        after.state == S::pending && (before.state == S::failed || before.state == S::timed_out);
    ASSERT_TRUE(after == before || retried) << "an end changes by retry alone";
    ASSERT_EQ(action, A::none);
    return;
  }
  if (after.state == S::succeeded) {
    ASSERT_EQ(last_version, after.version) << "no success without an equal version";
    ASSERT_EQ(after.version_after, after.version);
  }
  if (after.state == S::failed) {
    ASSERT_TRUE(before.confirmed_at_ms) << "no verdict before the confirmation";
    ASSERT_NE(before.confirmed_session, "") << "no failure without a stamp";
    ASSERT_NE(after.version_after, after.version);
    ASSERT_NE(after.version_after, "");
    ASSERT_NE(after.reason, "");
  }
  ASSERT_EQ(action == A::notify, before.state == S::pending && after.state == S::notified);
  if (action == A::notify_again) {
    ASSERT_TRUE(after.state == S::notified || after.state == S::downloading);
    ASSERT_FALSE(after.confirmed_at_ms) << "who confirmed needs no notice";
    ASSERT_TRUE(after.notified_session != before.notified_session ||
                after.notified_at_ms - before.notified_at_ms >= notify_again_after_ms);
  }
  const auto rank = [](S state) { return static_cast<int>(state); };
  ASSERT_GE(rank(after.state), rank(before.state)) << "live states only lead on";
}

TEST(OtaProperties, OTA_3_any_history_keeps_the_rules) {
  int succeeded = 0;
  int failed = 0;
  for (unsigned seed = 0; seed < histories; ++seed) {
    History history(seed);
    for (int step = 0; step < 30; ++step) {
      const Upgrade before = history.upgrade;
      const auto action = anything(history);
      // of a success: what the message said, which stands in version_after and nowhere else
      check(before, history.upgrade, action, history.upgrade.version_after);
      ASSERT_FALSE(::testing::Test::HasFatalFailure()) << "seed " << seed << " step " << step;
    }
    succeeded += history.upgrade.state == S::succeeded ? 1 : 0;
    failed += history.upgrade.state == S::failed ? 1 : 0;
  }
  EXPECT_GT(succeeded, histories / 100) << "the histories reach the ends";
  EXPECT_GT(failed, histories / 100);
}

TEST(OtaProperties, OTA_3_the_target_version_ends_any_live_upgrade_in_success) {
  for (unsigned seed = 0; seed < histories; ++seed) {
    History history(seed);
    for (int step = history.pick(25); step > 0; --step) anything(history);
    if (!is_live(history.upgrade.state)) continue;
    history.say(false, "v2");
    ASSERT_EQ(history.upgrade.state, S::succeeded) << "seed " << seed;
  }
}

TEST(OtaProperties, OTA_3_without_the_target_version_nothing_succeeds) {
  for (unsigned seed = 0; seed < histories; ++seed) {
    History history(seed);
    history.upgrade.version = "v3";  // which the device never reports
    for (int step = 0; step < 30; ++step) {
      anything(history);
      ASSERT_NE(history.upgrade.state, S::succeeded) << "seed " << seed;
    }
  }
}

/// A device that does as OTA-2 says: whatever is lost, doubled or cut between its steps, it ends in
/// success; and it is never judged while it is at work.
TEST(OtaProperties, OTA_3_a_device_that_does_as_it_should_succeeds) {
  for (unsigned seed = 0; seed < histories; ++seed) {
    History history(seed);
    const auto disturb = [&] {
      for (int times = history.pick(3); times > 0; --times) {
        if (history.said.empty()) continue;
        const auto place = history.pick(static_cast<int>(history.said.size()));
        history.deliver(history.said[static_cast<std::size_t>(place)], true);
      }
    };
    for (int boots = history.pick(4); boots >= 0; --boots) {  // some end before the confirmation
      history.pick(3) == 0 ? history.restart_broker() : history.reconnect();
      for (int resends = history.pick(3); resends >= 0; --resends) history.say(false, "v1");
      disturb();
    }
    ASSERT_EQ(history.upgrade.state, S::notified) << "seed " << seed;
    history.say(true, "");
    disturb();
    if (history.pick(2) == 0) history.operate(E::download_started);
    for (int reports = history.pick(4); reports > 0; --reports) {
      history.say(false, "v1");
      disturb();
    }
    ASSERT_TRUE(is_live(history.upgrade.state)) << "seed " << seed << history.upgrade.reason;
    history.pick(3) == 0 ? history.restart_broker() : history.reconnect();
    history.say(false, "v2");
    ASSERT_EQ(history.upgrade.state, S::succeeded) << "seed " << seed;
    for (int late = history.pick(3); late > 0; --late) {
      history.say(late == 1, "v1");
      disturb();
    }
    ASSERT_EQ(history.upgrade.state, S::succeeded) << "seed " << seed;
  }
}

}  // namespace
}  // namespace xgate::protocol
