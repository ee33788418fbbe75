// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "protocol/aes.hpp"
#include "service/flows/key_rotation.hpp"
#include "service/ingest/link.hpp"
#include "service/ingest/received.hpp"
#include "service/observe/metrics.hpp"
#include "service/store/database.hpp"
#include "service/store/dispatch.hpp"

namespace xgate::ingest {

/// The thread that sends the commands of the devices online at this broker, in order, and ends
/// those whose time, or tries, are over. It looks when it is woken, and every second by itself, for
/// others queue commands too. What it sends is committed as sent first, and noted when the broker
/// has it; what is not noted is sent again at the next start: a command may go out twice, and none
/// is lost.
class Dispatcher {
 public:
  struct Options {
    std::string broker;
    std::string conninfo;
    flows::KeyUpdatePolicy keys;
    std::function<std::int64_t()> fence;  ///< under which the broker is consumed (store/lease.hpp)
    /// The broker is there, and has said on which topics it takes commands (reads_addresses): one
    /// that is sent on the wrong one reaches nobody, or whoever is there now, and nobody hears of
    /// it.
    std::function<bool()> ready;
    std::function<bool()> reads_addresses;  ///< its plugin (link::EventBatch)
    std::function<void(std::vector<Delivery>)> send;
    std::function<void(const std::vector<std::int64_t>& command_ids)> settled;
    std::function<void()> finished;  ///< called on the thread as the last thing
  };
  Dispatcher(Options options, store::DatabaseState& state, observe::Metrics& metrics, Clock clock);
  ~Dispatcher();  ///< joins
  Dispatcher(const Dispatcher&) = delete;
  Dispatcher& operator=(const Dispatcher&) = delete;

  void start();
  void wake();   ///< from any thread: something is due
  void close();  ///< sends no more; the thread ends

 private:
  void run();
  bool wait();
  void look();
  pg::Result<void> round(pg::Connection& connection);
  pg::Result<void> end_overdue(pg::Connection& connection, std::int64_t now_ms);
  std::optional<std::int64_t> sent_again_at(const store::DueCommand& command,
                                            std::int64_t now_ms) const;
  mqtt::Publish message_of(const store::DueCommand& command, const store::DueBatch::To& to,
                           std::int64_t now_ms) const;
  pg::Result<bool> send_due(pg::Connection& connection, std::int64_t now_ms);
  void consume_anew(std::int64_t fence);
  pg::Result<void> send_untaken(pg::Connection& connection, std::int64_t now_ms);
  pg::Result<void> take_back_undelivered(pg::Connection& connection, std::int64_t now_ms);
  pg::Result<void> note_taken(pg::Connection& connection, std::int64_t now_ms);
  void handed_over(std::int64_t command_id, std::int64_t fence, bool delivered);

  const Options options_;
  observe::Metrics& metrics_;
  const Clock clock_;
  store::Database database_;
  protocol::Aes aes_;
  std::string problem_;  ///< the last that was logged
  std::int64_t expired_at_ms_ = 0;
  std::mutex mutex_;
  std::int64_t fence_ = 0;         ///< of all that stands below
  std::atomic<int> in_flight_{0};  ///< given to the network thread, not taken by the broker yet
  std::condition_variable wake_;
  std::vector<std::int64_t> undelivered_;
  std::vector<std::int64_t> taken_;  ///< by the broker, and not noted yet
  bool untaken_sent_ = false;        ///< what an earlier consumer left is looked for once
  bool due_ = true;
  bool closed_ = false;
  std::thread thread_;
};

}  // namespace xgate::ingest
