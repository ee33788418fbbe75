// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>

#include "protocol/auth.hpp"
#include "service/ingest/violation_log.hpp"
#include "service/ingest/worker.hpp"
#include "service/store/rows.hpp"

namespace xgate::ingest {

/// The worker of /sys/device/auth. Being a thread and a connection of its own, it answers whatever
/// the uplinks are waiting for.
class AuthRequests : public Processor {
 public:
  AuthRequests(observe::Metrics& metrics, Clock clock);

  pg::Result<Outbound> process(pg::Connection& connection,
                               std::span<const Received> batch) override;
  pg::Result<Outbound> give_up(pg::Connection& connection, const Received& message,
                               const pg::Error& error) override;
  /// Code 1 at once: the device tries again (AUTH-6).
  std::optional<Outbound> while_away(std::span<const Received> batch) override;

 private:
  void count(std::optional<protocol::AuthCode> code);
  void warn(const store::MessageRow& row, std::int64_t now_ms);

  observe::Metrics& metrics_;
  const Clock clock_;
  ViolationLog violations_;
  ViolationLog warnings_;
};

}  // namespace xgate::ingest
