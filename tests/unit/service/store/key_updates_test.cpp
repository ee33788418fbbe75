// SPDX-License-Identifier: Apache-2.0
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <type_traits>
#include <vector>

#include <gtest/gtest.h>

#include "fakes/postgres_cluster.hpp"
#include "protocol/session_key.hpp"
#include "service/app/migrate.hpp"
#include "service/flows/command_frame.hpp"
#include "service/flows/key_rotation.hpp"
#include "service/store/commands.hpp"
#include "service/store/dispatch.hpp"
#include "service/store/session_keys.hpp"

namespace xgate::store {
namespace {

using protocol::CommandState;

const flows::KeyUpdatePolicy policy{.tries = 3, .retry_s = {10, 60}};
constexpr std::int64_t lifetime_s = 3600;
constexpr auto broker = "b1";

/// Session keys and their Command 3 in the database, with every step that something of the service
/// takes: the workers of events, auth requests and messages, housekeeping, the dispatcher.
class KeyUpdates : public ::testing::Test {
 protected:
  KeyUpdates() {
    const auto conninfo = fakes::PostgresCluster::shared().create_database();
    const auto migrated = app::migrate(conninfo, [](const std::string&) {});
    EXPECT_TRUE(migrated) << migrated.error();
    connection_.emplace(pg::Connection::open(conninfo).value());
    run("INSERT INTO vendor (open_id, name) VALUES ('7ED01E2A', 'v')");
    run("INSERT INTO product (product_id, open_id, name, product_key, auth_type, kind, encrypted, "
        "key_lifetime_s) VALUES ('AA30C505', '7ED01E2A', 'p', repeat('0', 32), 1, 'json', true, "
        "3600)");
    for (int i = 0; i < 3; ++i) {
      devices_.push_back(run("INSERT INTO device (product_id, node_eui, device_secret) VALUES "
                             "('AA30C505', 'dev" +
                             std::to_string(i) + "', repeat('0', 32)) RETURNING device_id")
                             .int64(0, 0));
      run("INSERT INTO presence (device_id, broker, epoch, session, online_at) VALUES (" +
          std::to_string(devices_.back()) + ", 'b1', 'e', 0, to_timestamp(0))");
    }
  }

  pg::Rows run(const std::string& sql) {
    auto rows = connection_->exec(sql);
    if (!rows) throw std::runtime_error(rows.error().message);
    return std::move(*rows);
  }
  template <class Value>
  Value good(pg::Result<Value> result) {
    if (!result) throw std::runtime_error(result.error().message);
    if constexpr (!std::is_void_v<Value>) return std::move(*result);
  }
  std::vector<SessionKeyRow> keys(std::int64_t device) {
    State state;
    good(read_session_keys(*connection_, {&device, 1}, state));
    return state.keys[device];
  }
  void in_transaction(const std::function<void()>& steps) {
    auto transaction = good(pg::Transaction::begin(*connection_));
    steps();
    good(transaction.commit());
  }

  void presence(std::int64_t device, const std::string& sets) {
    run("UPDATE presence SET " + sets + " WHERE device_id = " + std::to_string(device));
  }
  void tell_new_key(std::int64_t device) {
    const auto key = flows::new_update_key(
        device, {protocol::new_session_id(), protocol::new_nonce()}, lifetime_s, policy, now_ms_);
    good(insert_session_keys(*connection_, {&key, 1}));
  }
  void login(std::int64_t device, bool listens) {
    in_transaction([&] {
      presence(device, "online = true, session = session + 1, online_at = to_timestamp(" +
                           std::to_string(now_ms_ / 1000) + "), listens = '" +
                           (listens ? " downlink " : " ") + "'");
      switch (flows::key_action_at_login(keys(device), now_ms_)) {
        case flows::KeyAction::none:
          break;
        case flows::KeyAction::issue:
          tell_new_key(device);
          break;
        case flows::KeyAction::retell:
          good(retell_session_keys(*connection_, {&device, 1},
                                   {policy.tries, policy.patience_ms(), now_ms_}));
      }
      good(due_by_login(*connection_, {&device, 1}, now_ms_));
    });
  }
  void logout(std::int64_t device) { presence(device, "online = false"); }
  void subscribe(std::int64_t device) {
    presence(device, "listens = ' downlink '");
    const Heard heard{device, "downlink"};
    good(due_by_listening(*connection_, {&heard, 1}, now_ms_));
  }
  void authenticate(std::int64_t device) {
    const NewKey key{device,
                     {protocol::new_session_id(), protocol::new_nonce()},
                     now_ms_,
                     now_ms_ + lifetime_s * 1000,
                     std::nullopt};
    in_transaction([&] { good(insert_session_keys(*connection_, {&key, 1})); });
  }
  void reset(std::int64_t device) {
    in_transaction([&] {
      good(cancel_key_updates(*connection_, {&device, 1}, "the device was reset"));
      run("DELETE FROM session_key WHERE device_id = " + std::to_string(device));
    });
  }
  void sweep() {
    for (const auto& expired : good(expired_keys_of_online(*connection_, broker, 0, now_ms_))) {
      in_transaction([&] { tell_new_key(expired.device_id); });
    }
  }
  /// The MessageIds of what was sent.
  std::vector<std::int64_t> dispatch() {
    good(fail_key_updates(*connection_, policy.tries, now_ms_));
    good(expire_commands(*connection_, now_ms_));
    std::vector<std::int64_t> ids;
    in_transaction([&] {
      auto due = good(take_due(*connection_, broker, {100, policy.tries}, now_ms_));
      std::vector<SentCommand> sent;
      for (const auto& command : due.commands) {
        const auto& to = due.devices.at(command.device_id);
        ASSERT_TRUE(flows::command_frame(command, due.keys[command.device_id], to.sealing, aes_))
            << "an open update without its key";
        sent.push_back({command.command_id, to.session, std::nullopt, command.session_key_id});
        if (command.session_key_id != 0) {
          sent.back().again_at_ms = policy.again_at(command.tries + 1, now_ms_);
        }
        ids.push_back(command.message_id);
      }
      good(mark_sent(*connection_, sent, now_ms_));
    });
    return ids;
  }
  /// A message that opens with this key.
  void use(std::int64_t device, const SessionKeyRow& key) {
    const KeyUse used{device, key.key.id, protocol::KeyReading::text_product_key, now_ms_,
                      key.by_update && !key.used};
    in_transaction([&] {
      if (used.first_of_update) {
        good(lock_devices(*connection_, {&device, 1}));
        std::vector<CommandAnswer> answers;
        for (const auto& update : good(find_key_updates(*connection_, {&used, 1}))) {
          answers.push_back(flows::key_is_used(update));
        }
        good(apply_answers(*connection_, answers));
      }
      good(use_session_keys(*connection_, {&used, 1}));
    });
  }
  /// "state tries" of the device's updates, oldest first.
  std::vector<std::string> updates(std::int64_t device) {
    const auto rows = run("SELECT state || ' ' || tries FROM command WHERE device_id = " +
                          std::to_string(device) + " ORDER BY command_id");
    std::vector<std::string> found;
    for (int i = 0; i < rows.size(); ++i) found.emplace_back(rows.text(i, 0));
    return found;
  }
  void later(std::int64_t seconds) { now_ms_ += seconds * 1000; }

  /// The device listens, and uses the new key at none of the tries.
  void tell_in_vain(std::int64_t device) {
    authenticate(device);
    login(device, true);
    later(lifetime_s);
    sweep();
    for (const int wait : {0, 10, 60, 60}) {
      later(wait);
      dispatch();
    }
  }

  std::optional<pg::Connection> connection_;
  std::vector<std::int64_t> devices_;
  std::int64_t now_ms_ = 1'000'000'000'000;
  protocol::Aes aes_;
};

using States = std::vector<std::string>;

TEST_F(KeyUpdates, KEY_1_an_expired_key_is_told_until_it_is_used) {
  const auto device = devices_[0];
  authenticate(device);
  later(lifetime_s);
  login(device, false);
  EXPECT_EQ(updates(device), States{"queued 0"});
  EXPECT_TRUE(dispatch().empty()) << "the device does not listen yet";
  subscribe(device);
  const auto first = dispatch();
  ASSERT_EQ(first.size(), 1U);
  EXPECT_TRUE(dispatch().empty()) << "not again before its time";
  later(10);
  EXPECT_EQ(dispatch(), first);
  EXPECT_EQ(updates(device), States{"sent 2"});
  const auto newest = keys(device).front();
  EXPECT_TRUE(newest.by_update && newest.told && !newest.used);
  use(device, newest);
  EXPECT_EQ(updates(device), States{"done 2"});
  EXPECT_EQ(keys(device).size(), 1U);
  later(60);
  EXPECT_TRUE(dispatch().empty());
}

TEST_F(KeyUpdates, KEY_1_fails_after_its_tries_and_starts_anew_at_the_next_login) {
  const auto device = devices_[0];
  authenticate(device);
  login(device, true);
  later(lifetime_s);
  sweep();
  for (const int wait : {0, 10, 60}) {
    later(wait);
    EXPECT_EQ(dispatch().size(), 1U);
  }
  later(59);
  EXPECT_TRUE(dispatch().empty());
  EXPECT_EQ(updates(device), States{"sent 3"});
  login(device, true);
  EXPECT_EQ(updates(device), (States{"failed 3", "queued 0"}));
  const auto key = keys(device).front();
  EXPECT_EQ(dispatch().size(), 1U);
  use(device, key);
  EXPECT_EQ(updates(device), (States{"failed 3", "done 1"}));
}

TEST_F(KeyUpdates, KEY_1_an_open_update_goes_on_at_the_next_login) {
  const auto device = devices_[0];
  authenticate(device);
  later(lifetime_s);
  login(device, true);
  dispatch();
  logout(device);
  later(10);
  EXPECT_TRUE(dispatch().empty());
  login(device, true);
  EXPECT_EQ(dispatch().size(), 1U);
  EXPECT_EQ(updates(device), States{"sent 2"});
}

TEST_F(KeyUpdates, KEY_2_used_after_an_earlier_telling) {
  const auto device = devices_[0];
  tell_in_vain(device);
  login(device, false);
  EXPECT_EQ(updates(device), (States{"failed 3", "queued 0"}));
  use(device, keys(device).front());
  EXPECT_EQ(updates(device), (States{"failed 3", "cancelled 0"}));
}

TEST_F(KeyUpdates, KEY_2_used_late_is_recorded_and_harmless) {
  const auto device = devices_[0];
  tell_in_vain(device);
  use(device, keys(device).front());
  EXPECT_EQ(updates(device), States{"failed 3"});
  EXPECT_EQ(run("SELECT answers FROM command").int64(0, 0), 1);
}

TEST_F(KeyUpdates, a_newer_key_and_a_reset_cancel) {
  const auto device = devices_[0];
  authenticate(device);
  later(lifetime_s);
  login(device, true);
  authenticate(device);
  EXPECT_EQ(updates(device), States{"cancelled 0"});
  later(lifetime_s);
  sweep();
  dispatch();
  reset(device);
  EXPECT_EQ(updates(device), (States{"cancelled 0", "cancelled 1"}));
  run("DELETE FROM device WHERE device_id = " + std::to_string(device));
}

TEST_F(KeyUpdates, nothing_waits_for_an_update_and_it_waits_for_nothing) {
  const auto device = devices_[0];
  authenticate(device);
  later(lifetime_s);
  NewCommand other;
  other.device_id = device;
  other.kind = protocol::CommandKind::set;
  other.topic = protocol::TopicName::property_set;
  other.header_ctrl = 20;
  other.payload = "{}";
  other.created_at_ms = now_ms_;
  other.expires_at_ms = now_ms_ + 3'600'000;
  good(insert_commands(*connection_, {&other, 1}));
  login(device, true);
  EXPECT_EQ(dispatch().size(), 1U) << "property/set is not subscribed to";
  other.kind = protocol::CommandKind::down;
  other.topic = protocol::TopicName::downlink;
  later(2);
  good(insert_commands(*connection_, {&other, 1}));
  EXPECT_EQ(dispatch().size(), 1U) << "the update's next try is seconds away";
  EXPECT_EQ(updates(device), (States{"queued 0", "sent 1", "sent 1"}));
}

/// Anything that can happen to devices, in any order.
class KeyUpdateHistories : public KeyUpdates {
 protected:
  int dice(int sides) { return static_cast<int>(random_() % static_cast<unsigned>(sides)); }

  void step() {
    const auto device = devices_[static_cast<std::size_t>(dice(3))];
    later(dice(20) == 0 ? lifetime_s / 2 : dice(40));
    switch (dice(10)) {
      case 0:
        return login(device, dice(2) == 0);
      case 1:
        return dice(2) == 0 ? logout(device) : subscribe(device);
      case 2:
        return subscribe(device);
      case 3:
        return dice(3) == 0 ? authenticate(device) : sweep();
      case 4:
        return dice(10) == 0 ? reset(device) : sweep();
      case 5:
        return use_some_key(device);
      default:
        dispatch();
    }
  }
  /// Of the keys that the device was given, by whichever way.
  void use_some_key(std::int64_t device) {
    for (const auto& key : keys(device)) {
      if ((key.told || !key.by_update) && dice(3) > 0) {
        return use(device, key);
      }
    }
  }

  /// What holds of each command, whatever happened.
  void check_all() {
    const auto rows =
        run("SELECT c.command_id, c.state, c.tries, c.settled_at IS NULL, c.payload IS NULL, "
            "k.by_update AND k.used_at IS NULL AND k.session_key_id = (SELECT max(session_key_id) "
            "FROM session_key newest WHERE newest.device_id = c.device_id), "
            "k.session_key_id IS NULL OR k.used_at IS NOT NULL, k.told_at IS NOT NULL "
            "FROM command c LEFT JOIN session_key k USING (session_key_id) ORDER BY c.command_id");
    for (int i = 0; i < rows.size(); ++i) {
      const auto id = rows.int64(i, 0);
      const auto state = *protocol::command_state_from(rows.text(i, 1));
      SCOPED_TRACE("command " + std::to_string(id) + ", " + std::string(rows.text(i, 1)));
      check(rows, i, state);
      if (const auto before = known_.find(id); before != known_.end() && before->second != state) {
        ASSERT_FALSE(protocol::is_settled(before->second)) << "it was settled";
        ASSERT_GT(state, before->second) << "states only go forward";
      }
      known_[id] = state;
    }
  }
  static void check(const pg::Rows& rows, int i, CommandState state) {
    const auto tries = rows.int64(i, 2);
    const bool open = rows.boolean(i, 3);
    ASSERT_TRUE(rows.boolean(i, 4)) << "it keeps a key";
    ASSERT_EQ(open, !protocol::is_settled(state));
    ASSERT_LE(tries, policy.tries);
    if (open) {
      ASSERT_EQ(state == CommandState::queued, tries == 0);
      ASSERT_TRUE(rows.boolean(i, 5)) << "its key is the device's newest, and unused";
      ASSERT_TRUE(tries == 0 || rows.boolean(i, 7)) << "a key that is sent is told";
    }
    if (state == CommandState::done) {
      ASSERT_GT(tries, 0) << "done though never sent";
      ASSERT_TRUE(rows.boolean(i, 6)) << "its key is in use, or gone by now";
    }
    if (state == CommandState::failed) {
      ASSERT_EQ(tries, policy.tries);
    }
  }

  std::mt19937 random_{20230317};
  std::map<std::int64_t, CommandState> known_;
};

TEST_F(KeyUpdateHistories, KEY_1_KEY_2_hold_in_any_order_of_events) {
  for (int i = 0; i < 1200; ++i) {
    SCOPED_TRACE("step " + std::to_string(i));
    ASSERT_NO_FATAL_FAILURE(step());
    ASSERT_NO_FATAL_FAILURE(check_all());
  }
  std::map<CommandState, int> ended;
  for (const auto& [id, state] : known_) ++ended[state];
  for (const auto state : {CommandState::done, CommandState::failed, CommandState::cancelled}) {
    EXPECT_GT(ended[state], 3) << protocol::to_string(state) << ": the histories reach it";
  }
}

}  // namespace
}  // namespace xgate::store
