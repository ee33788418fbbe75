// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "pg/connection.hpp"
#include "service/api/http.hpp"
#include "service/store/brokers.hpp"

namespace xgate::api {

/// Answers to changes wait here until every living broker says that it goes by them, and after two
/// seconds name those that have not. The brokers are asked and answer through PostgreSQL, so it is
/// the same which service is asked and which one consumes a broker. A thread with a connection of
/// its own listens.
class Confirmations {
 public:
  /// `wake`: Server::wake(), told the subjects of answers to look at.
  Confirmations(std::string conninfo, std::function<void(std::vector<std::int64_t>)> wake);
  ~Confirmations();
  Confirmations(const Confirmations&) = delete;
  Confirmations& operator=(const Confirmations&) = delete;

  void start();
  void stop();  ///< join() then returns soon
  void join();

  /// On a worker, after the commit: lets the answer wait, unless there is nobody to wait for.
  void await(pg::Connection& database, store::Effect effect, Response& response);

 private:
  struct Barrier {
    std::set<std::string> living;
    std::set<std::string> confirmed;
  };
  using Barriers =
      std::unordered_map<std::int64_t, std::pair<store::Effect, std::weak_ptr<Barrier>>>;

  void run();
  pg::Result<void> listen(pg::Connection& connection);
  void take(const pg::Connection::Notification& notification);
  std::string missing(const Barrier& barrier);
  std::shared_ptr<Barrier> new_barrier(std::int64_t id, store::Effect effect);
  bool pause();

  const std::string conninfo_;
  const std::function<void(std::vector<std::int64_t>)> wake_;
  std::mutex mutex_;
  std::condition_variable stopped_;
  Barriers barriers_;
  pg::Connection* connection_ = nullptr;  ///< for stop() to cancel
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace xgate::api
