// SPDX-License-Identifier: Apache-2.0
#include "service/ingest/dispatcher.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "ingest_database.hpp"
#include "service/store/lease.hpp"

namespace xgate::ingest {
namespace {

/// A device that is online and listens, and nobody but the dispatcher.
class Dispatching : public IngestDatabase {
 protected:
  Dispatching() {
    run("INSERT INTO presence (device_id, online, broker, epoch, session, online_at, listens) "
        "VALUES (" +
        std::to_string(device_) + ", true, 'b1', 'e1', 5, to_timestamp(0), ' downlink ')");
    state_.schema_fits = true;
    fence_ = store::raise_fence(*connection_, "b1", 0).value();
  }
  void start() {
    dispatcher_.emplace(
        Dispatcher::Options{.broker = "b1",
                            .conninfo = conninfo_,
                            .keys = {},
                            .fence = [this] { return fence_; },
                            .ready = [this] { return ready_.load(); },
                            .reads_addresses = [] { return true; },
                            .send = [this](std::vector<Delivery> sent) { take(std::move(sent)); },
                            .settled = {},
                            .finished = {}},
        state_, metrics_, [this] { return now_ms_; });
    dispatcher_->start();
  }
  void take(std::vector<Delivery> sent) {
    const std::lock_guard lock(mutex_);
    for (auto& delivery : sent) topics_.push_back(std::move(delivery.message.topic));
    sent_.notify_all();
  }
  std::vector<std::string> wait_for_sent(std::size_t count) {
    std::unique_lock lock(mutex_);
    sent_.wait_for(lock, std::chrono::seconds(30), [&] { return topics_.size() >= count; });
    return topics_;
  }
  double counted(protocol::CommandState state) {
    return metrics_.commands(protocol::CommandKind::down, state).Value();
  }

  store::DatabaseState state_;
  std::int64_t fence_ = 0;
  std::atomic<bool> ready_{true};
  std::mutex mutex_;
  std::condition_variable sent_;
  std::vector<std::string> topics_;
  std::optional<Dispatcher> dispatcher_;
};

TEST_F(Dispatching, what_was_put_off_for_want_of_a_key_is_not_counted_as_sent) {
  queue(command(true));
  const auto plain = queue(command());
  start();
  EXPECT_EQ(wait_for_sent(1), std::vector{"$xgate/v1/to/e1/5/" + std::to_string(plain) +
                                          std::string(root) + "downlink"});
  dispatcher_.reset();
  EXPECT_EQ(counted(protocol::CommandState::sent), 1);
  EXPECT_EQ(text("SELECT string_agg(state, ' ' ORDER BY command_id) FROM command"), "queued sent");
}

TEST_F(Dispatching, nothing_is_sent_before_the_broker_is_ready) {
  ready_ = false;
  now_ms_ += 1000;
  auto late = command();
  late.expires_at_ms = now_ms_;
  queue(late);  // its end shows that a look was over
  queue(command());
  start();
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (text("SELECT count(*) FROM command WHERE state = 'expired'") == "0") {
    ASSERT_LT(std::chrono::steady_clock::now(), deadline);
  }
  dispatcher_->wake();
  EXPECT_EQ(text("SELECT count(*) FROM command WHERE state = 'queued'"), "1");
  ready_ = true;
  dispatcher_->wake();
  EXPECT_EQ(wait_for_sent(1).size(), 1U);
}

}  // namespace
}  // namespace xgate::ingest
