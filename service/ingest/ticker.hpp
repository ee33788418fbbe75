// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "service/store/database.hpp"

namespace xgate::ingest {

/// Makes the ticks that followers read by, on its own thread and connection, so that nothing else
/// delays them. Every service has one: whoever comes first makes the next, and one that is stopped
/// holds nobody up.
class Ticker {
 public:
  Ticker(const std::string& database_url, const store::DatabaseState& state);
  ~Ticker();
  Ticker(const Ticker&) = delete;
  Ticker& operator=(const Ticker&) = delete;

  void start();

 private:
  void run();
  bool sleep();
  pg::Result<void> round();

  store::Database database_;
  const char* what_fails_ = "";
  std::string problem_;
  bool unsummarized_ = true;
  std::chrono::steady_clock::time_point summarized_at_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace xgate::ingest
