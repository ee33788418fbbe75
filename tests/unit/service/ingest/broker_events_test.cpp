// SPDX-License-Identifier: Apache-2.0
#include "service/ingest/broker_events.hpp"

#include <chrono>
#include <functional>
#include <future>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "ingest_database.hpp"
#include "protocol/aes.hpp"
#include "protocol/session_key.hpp"
#include "service/flows/command_frame.hpp"
#include "service/ingest/device_messages.hpp"
#include "service/store/dispatch.hpp"

namespace xgate::ingest {
namespace {

const protocol::Identity dev1{"7ED01E2A", "AA30C505", "dev1"};

class Events : public IngestDatabase {
 protected:
  Events()
      : worker_({.broker = "b1",
                 .keys = {.tries = 3, .retry_s = {10}},
                 .ask_for_sessions = [this] { ++asked_; },
                 .commands_due = [this] { ++woken_; },
                 .reads_addresses =
                     [this](bool reads) {
                       said_ = reads;
                       online_when_said_ = text("SELECT count(*) FROM presence WHERE online");
                     }},
                metrics_, [this] { return now_ms_; }) {}

  Received batch(std::vector<link::Event> events, bool reads_addresses = true) {
    link::EventBatch batch;
    batch.broker = "b1";
    batch.epoch = epoch_;
    batch.epoch_started_ms = now_ms_;
    batch.sequence = ++sequence_;
    batch.reads_addresses = reads_addresses;
    batch.events = std::move(events);
    Received received;
    received.message.payload = link::encode(batch);
    return received;
  }
  void tell(std::vector<link::Event> events) { tell_of(batch(std::move(events))); }
  void tell_of(const Received& received) {
    auto own = pg::Connection::open(conninfo_).value();
    const auto done = worker_.process(own, {&received, 1});
    ASSERT_TRUE(done) << done.error().message;
  }
  link::Online online(std::uint64_t session) const {
    link::Online event;
    event.session = session;
    event.device = dev1;
    event.at_ms = now_ms_;
    return event;
  }
  static link::LiveSessions list(std::vector<link::Online> sessions) {
    return {
        .sync = 1, .up_to_session = 99, .last = true, .part = 1, .sessions = std::move(sessions)};
  }
  /// How many are due; all of them are then sent.
  std::size_t send_due() {
    const auto due = store::take_due(*connection_, "b1", {100, 3}, now_ms_).value();
    std::vector<store::SentCommand> sent;
    for (const auto& command : due.commands) {
      sent.push_back({command.command_id, due.devices.at(command.device_id).session, {}, 0});
    }
    EXPECT_TRUE(store::mark_sent(*connection_, sent, now_ms_));
    return sent.size();
  }
  std::string state_of(std::int64_t id) {
    return text("SELECT state FROM command WHERE command_id = " + std::to_string(id));
  }

  std::string epoch_ = "e1";
  std::uint64_t sequence_ = 0;
  int asked_ = 0;
  int woken_ = 0;
  std::optional<bool> said_;
  std::string online_when_said_;
  BrokerEvents worker_;
};

TEST_F(Events, DOWN_1_how_commands_are_addressed_is_told_once_the_batch_is_stored) {
  tell_of(batch({online(5)}, false));
  EXPECT_EQ(said_, false);
  EXPECT_EQ(online_when_said_, "1");
  tell({});
  EXPECT_EQ(said_, true);
}

TEST_F(Events, DOWN_1_a_subscription_of_which_the_word_was_lost_heals_with_the_next_list) {
  const auto id = queue(command());
  tell({online(5)});
  EXPECT_EQ(send_due(), 0U) << "not subscribed, as far as is known";
  ++sequence_;  // and with it the subscription
  tell({});
  ASSERT_EQ(asked_, 1);
  tell({list({online(5)})});
  EXPECT_GT(woken_, 0);
  EXPECT_EQ(send_due(), 1U);
  EXPECT_EQ(state_of(id), "sent");
  for (int i = 0; i < 3; ++i) tell({list({online(5)})});
  EXPECT_EQ(send_due(), 0U) << "once a session";
  EXPECT_EQ(asked_, 1);
}

TEST_F(Events, DOWN_1_a_wrong_guess_comes_back_and_waits) {
  tell({online(5)});
  const auto id = queue(command());
  tell({list({online(5)})});
  EXPECT_EQ(send_due(), 1U);
  tell({link::Listening{.session = 5, .device = dev1, .given_up = " downlink ", .unheard = id}});
  EXPECT_EQ(state_of(id), "queued");
  EXPECT_EQ(send_due(), 0U) << "it does not go round and round";
  tell({link::Listening{.session = 5, .device = dev1, .filter = "downlink"}});
  EXPECT_EQ(send_due(), 1U);
}

TEST_F(Events, DOWN_1_a_lost_unheard_heals_with_the_next_list) {
  tell({online(5), link::Listening{.session = 5, .device = dev1, .filter = "downlink"}});
  const auto id = queue(command());
  EXPECT_EQ(send_due(), 1U);
  tell({link::Listening{.session = 5, .device = dev1, .filter = "downlink"}});
  EXPECT_EQ(send_due(), 0U) << "what it was sent it is not sent again";
  ++sequence_;  // and with it that nobody took the command
  tell({list({online(5)})});
  EXPECT_EQ(send_due(), 0U);
  tell({link::Listening{.session = 5, .device = dev1, .unheard = id}});
  EXPECT_EQ(send_due(), 1U) << "by now it may listen";
  EXPECT_EQ(state_of(id), "sent");
}

TEST_F(Events, V2_5_who_came_and_who_went_are_counted_to_the_last) {
  const auto away = [&] { return metrics_.logins.Value() - metrics_.logouts.Value(); };
  tell({online(5)});
  EXPECT_EQ(away(), 1);
  tell({online(6)});
  tell({link::Offline{.session = 5, .device = dev1}});
  EXPECT_EQ(away(), 1) << "taken over";
  tell({list({online(7)})});
  EXPECT_EQ(away(), 1) << "taken over, by a list";
  epoch_ = "e2";
  sequence_ = 0;
  tell({});
  EXPECT_EQ(away(), 0) << "the broker started again";
  tell({online(1)});
  tell({link::Offline{.session = 1, .device = dev1}});
  EXPECT_EQ(away(), 0);
}

TEST_F(Events, DOWN_1_what_was_too_large_is_the_command_of_that_size_of_this_session) {
  tell({online(5), link::Listening{.session = 5, .device = dev1, .filter = "downlink"}});
  const auto id = queue(command());
  send_due();
  store::DueCommand sent;
  sent.topic = protocol::TopicName::downlink;
  sent.header_ctrl = 7;
  sent.payload = command().payload;
  sent.message_id = run("SELECT message_id FROM command").int64(0, 0);
  const auto bytes = static_cast<std::int64_t>(root.size() + std::string("downlink").size() +
                                               flows::frame_size(sent));
  // the length of the topic, the packet's identifier, an expiry with the properties' length
  const std::int64_t of_command = bytes + 2 + 2 + 6;
  for (const std::int64_t other : {bytes, bytes + 7, bytes + 9, bytes + 16}) {
    tell({link::TooLarge{dev1, other, now_ms_}});
    EXPECT_EQ(state_of(id), "sent") << other - bytes;
  }
  tell({online(6), link::TooLarge{dev1, of_command, now_ms_}});
  EXPECT_EQ(state_of(id), "sent") << "it was sent in an earlier session";
  tell({link::Listening{.session = 6, .device = dev1, .filter = "downlink"}});
  ASSERT_EQ(send_due(), 1U);
  tell({link::TooLarge{dev1, of_command, now_ms_}});
  EXPECT_EQ(state_of(id), "failed");
}

/// Of the two workers that write a device's readings each has all its other locks by then: it
/// cannot hold them against the other.
class LockOrder : public Events {
 protected:
  /// Whether somebody else can write the device's readings while `work` waits for a row that we
  /// hold.
  void expect_readings_free_while_waiting(const std::function<void()>& work) {
    auto other = pg::Connection::open(conninfo_).value();
    auto working = std::async(std::launch::async, work);
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (other.exec("SELECT 1 FROM pg_locks WHERE NOT granted").value().size() == 0) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "it does not wait";
    }
    ASSERT_TRUE(other.exec("SET lock_timeout = '2s'"));
    const auto written = other.exec(
        "INSERT INTO device_reading (device_id, product_id, acked_names) VALUES (" +
        std::to_string(device_) +
        ", 'AA30C505', 'table') ON CONFLICT (device_id) DO UPDATE SET acked_names = 'table'");
    EXPECT_TRUE(written) << written.error().message;
    run("ROLLBACK");
    working.get();
  }
};

TEST_F(LockOrder, of_the_events_is_commands_before_readings) {
  tell({online(5)});
  queue(command());
  run("BEGIN");
  run("SELECT 1 FROM command FOR UPDATE");
  expect_readings_free_while_waiting([this] {
    tell({online(6), link::Listening{.session = 6, .device = dev1, .filter = "downlink"}});
  });
}

TEST_F(LockOrder, of_a_devices_messages_is_keys_before_readings) {
  // It opens with a key that was not used before.
  run("CREATE TABLE message_of_any_day PARTITION OF message DEFAULT");
  run("INSERT INTO session_key (device_id, session_id, nonce, issued_at, expires_at) VALUES (" +
      std::to_string(device_) + ", '0123ABCD', 1, to_timestamp(0), now() + interval '1 day')");
  DeviceMessages messages(
      {.zone = "Asia/Shanghai", .download_base = "", .identifiers = 100, .listeners = {}}, metrics_,
      [this] { return now_ms_; });
  protocol::Aes aes;
  const auto key =
      protocol::derive_session_key("0123ABCD", 1, protocol::KeyReading::text_product_key,
                                   protocol::AesKey{}, protocol::AesKey{}, aes)
          .value();
  Received received;
  received.message.topic = std::string(root) + "uplink";
  received.message.payload = R"({"MessageId":5,"HeaderCtrl":4,"Payload":")" +
                             aes.encrypt_to_hex(key, R"({"power":1})") + R"(","Version":"2.0"})";
  received.received_at_ms = now_ms_;
  run("BEGIN");
  run("SELECT 1 FROM session_key FOR UPDATE");
  expect_readings_free_while_waiting([&] {
    auto own = pg::Connection::open(conninfo_).value();
    const auto done = messages.process(own, {&received, 1});
    EXPECT_TRUE(done) << done.error().message;
  });
  EXPECT_EQ(text("SELECT key_reading FROM device_reading"), "text_product_key");
}

}  // namespace
}  // namespace xgate::ingest
