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

#include "pg/connection.hpp"
#include "service/config/config.hpp"
#include "service/firmware/content_store.hpp"
#include "service/flows/key_rotation.hpp"
#include "service/ingest/consumer.hpp"
#include "service/observe/metrics.hpp"
#include "service/store/database.hpp"

namespace xgate::ingest {

/// A thread for what is due by the clock: is the database there and of our schema, may we consume
/// this broker, partitions, keys that expired, commands that are older than what is kept.
class Housekeeping {
 public:
  struct Options {
    std::function<pg::Result<void>(pg::Connection&)> check_schema;
    /// The schema is not this program's: the service must end, saying this.
    std::function<void(const std::string&)> on_wrong_schema;
    /// Where firmware images are kept: files that no image is made of any more are removed.
    const firmware::ContentStore* firmware = nullptr;
    /// At each change, with the number to write under (Consumer::connect()).
    std::function<void(bool may, std::int64_t fence)> on_may_consume;
    std::function<void()> on_hang;  ///< the database is there and says nothing
  };
  Housekeeping(const config::Settings& settings, store::DatabaseState& state, Consumer& consumer,
               observe::Metrics& metrics, Options options);
  ~Housekeeping();
  Housekeeping(const Housekeeping&) = delete;
  Housekeeping& operator=(const Housekeeping&) = delete;

  void start();
  bool leased() const noexcept { return leased_; }
  /// From any thread: a connection to the broker was lost, perhaps (`taken_over`: surely) because
  /// another service consumes it now.
  void connection_lost(bool taken_over);

 private:
  void run();
  bool sleep();
  pg::Result<void> safe_round();
  pg::Result<void> round();
  pg::Result<void> open();
  pg::Result<void> open_and_lease();
  pg::Result<void> lease();
  pg::Result<void> still_leased();
  pg::Result<void> fence_off();
  void left_to_another();
  pg::Result<void> partitions(std::int64_t now_ms);
  pg::Result<void> old_rows(std::int64_t now_ms);
  pg::Result<void> keys(std::int64_t now_ms);
  pg::Result<void> replace_expired_keys(std::int64_t now_ms);
  pg::Result<void> upgrades(std::int64_t now_ms);
  pg::Result<void> count_online(std::int64_t now_ms);
  void may_consume(bool may);
  bool was_taken_over();

  const config::Settings& settings_;
  const flows::KeyUpdatePolicy policy_;
  store::DatabaseState& state_;
  Consumer& consumer_;
  observe::Metrics& metrics_;
  const Options options_;
  std::optional<pg::Connection> connection_;
  std::string problem_;
  std::atomic<bool> leased_{false};
  bool held_by_another_ = false;
  std::int64_t fence_ = 0;  ///< the number that we write under; 0: none
  bool waits_for_writers_ = false;
  std::optional<bool> told_may_consume_;
  std::int64_t partitions_at_ms_ = 0;
  std::int64_t old_rows_at_ms_ = 0;
  std::int64_t keys_at_ms_ = 0;
  std::int64_t online_at_ms_ = 0;
  std::int64_t firmware_at_ms_ = 0;
  std::int64_t expired_until_ms_ = 0;  ///< KEY-1's sweep has looked at keys up to here
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  bool look_now_ = false;
  bool taken_over_ = false;
  bool wrong_schema_ = false;
  std::thread thread_;
};

}  // namespace xgate::ingest
