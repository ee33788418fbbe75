// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "protocol/aes.hpp"
#include "protocol/topic.hpp"
#include "service/ingest/device_message.hpp"
#include "service/ingest/explanations.hpp"
#include "service/ingest/violation_log.hpp"
#include "service/ingest/worker.hpp"
#include "service/store/rows.hpp"

namespace xgate::ingest {

/// Who is to hear of commands, after the commit. On the worker's thread: must not wait.
struct CommandListeners {
  std::function<void()> due;  ///< some were queued, or are to be sent again
  std::function<void(const std::vector<std::int64_t>& command_ids)> answered;
};

/// The worker of what devices say under their own T.
class DeviceMessages : public Processor {
 public:
  struct Options {
    std::string zone;
    std::string download_base;  ///< what devices are told to download from (OTA-1)
    int identifiers = 1000;     ///< that a device may make up (PROP-1)
    CommandListeners listeners;
  };
  DeviceMessages(Options options, observe::Metrics& metrics, Clock clock);

  pg::Result<Outbound> process(pg::Connection& connection,
                               std::span<const Received> batch) override;
  pg::Result<Outbound> give_up(pg::Connection& connection, const Received& message,
                               const pg::Error& error) override;

 private:
  /// `over`: devices that would have more identifiers than they may; then nothing was done.
  pg::Result<Outbound> attempt(pg::Connection& connection, std::span<const Received> batch,
                               std::vector<std::int64_t>& over);
  pg::Result<IdentifierBound> read_bound(pg::Connection& connection,
                                         const store::State& state) const;
  void count(std::span<const store::MessageRow> rows, std::span<const Received> batch,
             std::span<const std::optional<protocol::TopicMatch>> matches);

  void tell(const std::vector<store::CommandAnswer>& answers, bool due) const;

  const Options options_;
  std::set<std::int64_t> at_bound_;  ///< devices that have made up as many as they may, or more
  observe::Metrics& metrics_;
  const Clock clock_;
  protocol::Aes aes_;
  ViolationLog violations_;
  ExplanationBudget explanations_;
};

}  // namespace xgate::ingest
