// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>

#include "protocol/aes.hpp"
#include "protocol/topic.hpp"
#include "service/ingest/violation_log.hpp"
#include "service/ingest/worker.hpp"
#include "service/store/rows.hpp"

namespace xgate::ingest {

/// The worker of what devices say under their own T.
class DeviceMessages : public Processor {
 public:
  DeviceMessages(std::string zone, observe::Metrics& metrics, Clock clock);

  pg::Result<Outbound> process(pg::Connection& connection,
                               std::span<const Received> batch) override;
  Outbound give_up(pg::Connection& connection, const Received& message,
                   const pg::Error& error) override;

 private:
  void count(std::span<const store::MessageRow> rows, std::span<const Received> batch,
             std::span<const std::optional<protocol::TopicMatch>> matches);

  const std::string zone_;
  observe::Metrics& metrics_;
  const Clock clock_;
  protocol::Aes aes_;
  ViolationLog violations_;
};

}  // namespace xgate::ingest
