// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "pg/connection.hpp"

namespace xgate::api {

/// Threads that do what waits for the database, each with a connection of its own. They connect as
/// soon as they can, check the schema, and see to it that there is a token.
class Workers {
 public:
  /// `connection` is null while the database is away; `away` then says why.
  using Job = std::function<void(pg::Connection* connection, const std::string& away)>;

  Workers(int threads, std::string conninfo, std::string token_file);
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  void start();
  /// false: too many jobs wait already, or the workers are stopping.
  bool post(Job job);
  /// Why no thread has a connection; empty: one has. A lost one is noticed within a second.
  std::string away();
  /// The database hangs: what waits for it now is answered, and every connection opened again.
  void give_up_connections();
  /// Drops what waits and gives up what runs; join() then returns soon.
  void stop();
  void join();

 private:
  struct Worker {
    std::thread thread;
    std::optional<pg::Connection> connection;  ///< guarded by mutex_ where it is set or cleared
    std::chrono::steady_clock::time_point retry_at;  ///< after an attempt that failed
  };

  void run(Worker& worker);
  std::optional<Job> next(const Worker& worker);
  bool any_connected() const;  ///< with mutex_ held
  void ensure_connected(Worker& worker);
  pg::Result<void> prepare(pg::Connection& connection);
  void disconnect(Worker& worker, std::string why);

  const int threads_;
  const std::string conninfo_;
  const std::string token_file_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> jobs_;
  std::deque<Worker> workers_;
  std::string away_ = "not connected yet";
  bool stopping_ = false;
  std::atomic<bool> token_seen_ = false;
  std::atomic<bool> away_told_ = false;
};

}  // namespace xgate::api
