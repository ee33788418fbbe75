// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "protocol/aes.hpp"
#include "protocol/topic.hpp"
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
  /// `download_base`: what devices are told to download from (OTA-1).
  DeviceMessages(std::string zone, std::string download_base, CommandListeners listeners,
                 observe::Metrics& metrics, Clock clock);

  pg::Result<Outbound> process(pg::Connection& connection,
                               std::span<const Received> batch) override;
  Outbound give_up(pg::Connection& connection, const Received& message,
                   const pg::Error& error) override;

 private:
  void count(std::span<const store::MessageRow> rows, std::span<const Received> batch,
             std::span<const std::optional<protocol::TopicMatch>> matches);

  void tell(const std::vector<store::CommandAnswer>& answers, bool due) const;

  const std::string zone_;
  const std::string download_base_;
  const CommandListeners listeners_;
  observe::Metrics& metrics_;
  const Clock clock_;
  protocol::Aes aes_;
  ViolationLog violations_;
};

}  // namespace xgate::ingest
