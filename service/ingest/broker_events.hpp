// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "link/control.hpp"
#include "link/events.hpp"
#include "service/flows/key_rotation.hpp"
#include "service/ingest/queue_watch.hpp"
#include "service/ingest/violation_log.hpp"
#include "service/ingest/worker.hpp"

namespace xgate::ingest {

/// The worker of $xgate/v1/events: presence, session-key updates at login, refusals.
class BrokerEvents : public Processor {
 public:
  struct Options {
    std::string broker;
    flows::KeyUpdatePolicy keys;
    /// Events were missed: the live sessions must be asked for (link::Sync).
    std::function<void()> ask_for_sessions;
    /// Commands are due now, or soon. After the commit; must not wait.
    std::function<void()> commands_due;
    std::function<void(bool)> reads_addresses;  ///< link::EventBatch says so
    /// What went missing, or beyond a limit. After the commit.
    std::function<void(const QueueWatch::News&)> queue_news = {};
    /// The broker keeps a session that is of no use. After the commit.
    std::function<void(std::string client_id)> end_kept = {};
    /// The plugin is to know how far its queue was taken.
    std::function<void(const link::Taken&)> taken = {};
  };
  BrokerEvents(Options options, observe::Metrics& metrics, Clock clock);

  pg::Result<Outbound> process(pg::Connection& connection,
                               std::span<const Received> batch) override;
  pg::Result<Outbound> give_up(pg::Connection& connection, const Received& message,
                               const pg::Error& error) override;

 private:
  struct Batch;
  /// The answer to a Sync as it comes in parts; kept over batches.
  struct Listing {
    std::uint64_t sync = 0;
    std::uint64_t parts = 0;
    bool torn = false;  ///< a part is missing
    std::vector<std::int64_t> sessions;
  };

  void look_for_gap(const link::EventBatch& events);
  pg::Result<void> read(pg::Connection& connection, Batch& batch);
  void decide(Batch& batch, const link::EventBatch& events);
  void decide_live(Batch& batch, const link::EventBatch& events, const link::LiveSessions& live);
  pg::Result<void> write(pg::Connection& connection, Batch& batch);
  pg::Result<void> write_keys(pg::Connection& connection, Batch& batch);
  static pg::Result<void> fail_too_large(pg::Connection& connection, Batch& batch);
  static pg::Result<void> make_commands_due(pg::Connection& connection, const Batch& batch);
  void tell(const Batch& batch);
  void tell_queue(const Batch& batch);

  const Options options_;
  observe::Metrics& metrics_;
  const Clock clock_;
  std::string epoch_;  ///< of the last batch, with its number: to see what is missing
  std::uint64_t sequence_ = 0;
  Listing listing_;
  QueueWatch queue_watch_;
  ViolationLog violations_;
};

}  // namespace xgate::ingest
