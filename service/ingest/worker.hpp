// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <thread>

#include "pg/connection.hpp"
#include "service/ingest/queue.hpp"
#include "service/ingest/received.hpp"
#include "service/ingest/settle.hpp"
#include "service/observe/metrics.hpp"
#include "service/store/database.hpp"

namespace xgate::ingest {

/// What one kind of worker does with its messages.
class Processor {
 public:
  virtual ~Processor() = default;
  /// Read set, decide, write set, commit: everything or nothing.
  virtual pg::Result<Outbound> process(pg::Connection& connection,
                                       std::span<const Received> batch) = 0;
  /// A message that the database refuses for what it is. Logged here and acknowledged, for it would
  /// come for ever.
  /// An error: it could not even be kept, and is to be tried again.
  virtual pg::Result<Outbound> give_up(pg::Connection& connection, const Received& message,
                                       const pg::Error& error) = 0;
  /// What can be said at once while the database is away; nothing: the batch is kept.
  virtual std::optional<Outbound> while_away(std::span<const Received> /*batch*/) {
    return std::nullopt;
  }
  /// Messages that it has taken, and that are not handed on yet.
  virtual std::size_t held() const { return 0; }
};

/// A thread with its queue, its database connection and its processor. It takes what is there:
/// while one batch commits, the next one gathers.
class Worker {
 public:
  struct Options {
    std::string name;
    std::string conninfo;
    std::string broker;
    std::size_t queue_bound = 20'000;
    std::size_t batch_most = 1000;
    // A body may have a megabyte, and takes several times its size on its way into the database,
    // which takes no parameter above one gigabyte.
    std::size_t queue_bytes = std::size_t{64} << 20U;
    std::size_t batch_bytes = std::size_t{8} << 20U;
    int patience_ms = 30'000;  ///< how long one statement may take
    /// Batches begin no closer together than this: for a stage whose batches are so short that
    /// nothing would gather meanwhile. The first after a rest does not wait.
    std::chrono::microseconds pace{0};
    std::function<void()> finished;  ///< called on the thread as the last thing
  };
  Worker(Options options, store::DatabaseState& state, std::unique_ptr<Processor> processor,
         Outbox outbox, std::function<void()> drained, observe::Metrics& metrics);
  ~Worker();  ///< joins; close() first
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  void start();
  Queue<Received>& queue() noexcept { return queue_; }
  /// What waits is still worked on where the database is there; then the thread ends. What is not
  /// committed stays with the broker.
  void close() { queue_.close(); }
  /// Sets the gauge of what waits here: asked for when the metrics are read.
  void measure();

 private:
  void run();
  bool work_off(std::span<Received> batch);
  std::span<Received> leave(std::span<Received> batch);
  bool answer_while_away(std::span<const Received> batch);
  bool rest(int tries);
  Settled attempt(pg::Connection& connection, std::span<const Received> batch);

  const Options options_;
  std::unique_ptr<Processor> processor_;
  const Outbox outbox_;
  observe::Metrics& metrics_;
  store::Database database_;
  Queue<Received> queue_;
  std::atomic<std::size_t> in_hand_ = 0;  ///< of the batch: what is not stored yet
  prometheus::Gauge& waiting_;
  std::string problem_;  ///< the last that was logged
  std::thread thread_;
};

}  // namespace xgate::ingest
