// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "link/control.hpp"
#include "service/config/config.hpp"
#include "service/ingest/dispatcher.hpp"
#include "service/ingest/kept_sessions.hpp"
#include "service/ingest/link.hpp"
#include "service/ingest/queue_watch.hpp"
#include "service/ingest/restored.hpp"
#include "service/ingest/worker.hpp"
#include "service/observe/metrics.hpp"
#include "service/script/engine.hpp"
#include "service/store/database.hpp"

namespace xgate::ingest {

/// The two connections to the broker and the workers behind them. Everything on the network thread
/// but what says otherwise.
class Consumer {
 public:
  /// `settled`: commands that were answered or whose time was over, told from any thread.
  /// `lost`: a connection was, perhaps to another service; it is tried again, but not at once.
  Consumer(boost::asio::io_context& io, const config::Settings& settings,
           store::DatabaseState& database, script::Engine& scripts, observe::Metrics& metrics,
           std::function<void(const std::vector<std::int64_t>&)> settled,
           std::function<void(bool taken_over)> lost);
  ~Consumer();
  Consumer(const Consumer&) = delete;
  Consumer& operator=(const Consumer&) = delete;

  void start();  ///< the workers; connects nothing yet
  /// Sets the gauges of what waits for the workers.
  void measure();
  /// This service may consume the broker, under this number (store/lease.hpp); 0: as far as is
  /// known while the database is away.
  void connect(std::int64_t fence);
  void disconnect();  ///< another service does
  /// Reads no more, finishes what was read, acknowledges it, disconnects; then `done`.
  void drain(std::function<void()> done);

  // From any thread.
  void command(const link::Command& command);  ///< to the plugin
  void stored_life(const std::string& epoch);  ///< the broker's, as far as its events are stored
  bool uplinks_up() const noexcept { return uplinks_up_; }
  bool auth_up() const noexcept { return auth_up_; }
  void commands_due() { dispatcher_.wake(); }
  /// Of the broker's queue, for an operator; empty where nothing is to be said.
  std::string queue_detail() const;

 private:
  std::unique_ptr<Worker> make_worker(std::string name, std::size_t bound,
                                      std::unique_ptr<Processor> processor, bool auth);
  static bool hand_over(Received received, Worker& worker);  ///< true: its queue is full
  bool on_uplink(Received received);
  bool on_auth(Received received);
  void watch_auth_queue(const mqtt::Publish& message);
  /// Callable from every thread.
  void hear_of_queue(const QueueWatch::News& news);
  bool uplinks_have_room() const;
  void ask_for_sessions();
  std::unique_ptr<Worker> make_hex_worker(script::Engine& scripts);
  void worker_finished();
  Worker& worker_of(std::string_view topic);

  boost::asio::io_context& io_;
  const config::Settings& settings_;
  store::DatabaseState& database_;
  observe::Metrics& metrics_;
  const std::function<void(const std::vector<std::int64_t>&)> settled_;
  std::atomic<std::int64_t> fence_{0};
  std::atomic<bool> uplinks_up_{false};
  std::atomic<bool> auth_up_{false};
  /// What its plugin takes commands on; told by its batches, so unknown until one has come.
  enum class CommandTopics : std::uint8_t { unknown, plain, addressed };
  std::atomic<CommandTopics> command_topics_{CommandTopics::unknown};
  std::atomic<std::uint64_t> sync_{0};
  std::size_t working_ = 0;
  std::function<void()> drained_;
  QueueState queue_state_;
  /// What came on one of the two connections.
  struct Arrivals {
    std::string life;             ///< the broker's, while it stands
    DropWatch::Place place = {};  ///< of the next message; connections are counted from 1
    void connected(const std::string& to) {
      life = to;
      place = {place.connection + 1, 0};
    }
  };
  Arrivals from_uplinks_;
  Arrivals from_auth_;
  DropWatch auth_drops_;
  link::QueueSums auth_told_;  ///< to the plugin, as taken
  std::int64_t auth_told_at_ms_ = 0;
  Restored restored_uplinks_;
  Restored restored_auth_;
  Link uplinks_;
  Link auth_;
  KeptSessions kept_sessions_;
  // The dispatcher posts to a link, and the workers to both and to it: they end before these.
  Dispatcher dispatcher_;
  std::vector<std::unique_ptr<Worker>> device_workers_;
  std::unique_ptr<Worker> hex_worker_;  ///< hands on to those: ends before them
  std::unique_ptr<Worker> event_worker_;
  std::unique_ptr<Worker> auth_worker_;
};

}  // namespace xgate::ingest
