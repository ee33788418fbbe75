// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "pg/connection.hpp"

namespace xgate::store {

/// How long a transaction may stay open while nothing is asked in it: a service that was stopped,
/// or cut off, in the middle of one keeps others from its rows, and the next consumer from the
/// broker.
inline constexpr int idle_transaction_timeout_ms = 10'000;

/// What every thread of the service must know about the database.
struct DatabaseState {
  std::atomic<bool> schema_fits{false};  ///< nothing is written before it was looked at
  std::atomic<bool> reachable{false};
};

/// One thread's connection, opened when it is needed and again after it broke, but no more often
/// than the back-off allows.
class Database {
 public:
  /// `patience_ms`: how long one statement may take. `broker`: of a consumer, whose connection only
  /// get(fence) gives.
  Database(std::string conninfo, std::string name, int patience_ms, const DatabaseState& state,
           std::string broker = {});

  /// The open connection, or why there is none now.
  pg::Result<pg::Connection*> get();
  /// The same of a consumer's connection: all that it writes stands behind the broker's fence, for
  /// what is written outside of a transaction is refused, and so is a transaction under a number
  /// that holds no more.
  pg::Result<pg::Connection*> get(std::int64_t fence);
  /// After an error: a connection that is gone is let go of.
  void note(const pg::Error& error);

 private:
  pg::Result<pg::Connection*> failed(pg::Error error);

  const std::string conninfo_;
  const std::string name_;
  const int patience_ms_;
  const DatabaseState& state_;
  const std::string broker_;
  std::optional<pg::Connection> connection_;
  // Not by the date: a clock that is set back would keep us away for as long.
  std::chrono::steady_clock::time_point not_before_;
  std::chrono::milliseconds back_off_{0};
  pg::Error last_;
};

}  // namespace xgate::store
