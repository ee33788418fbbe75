// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "directory/exchange.hpp"
#include "directory/snapshot.hpp"

namespace xgate::pg {
class Connection;
}

namespace xgate::directory {

struct LoaderOptions {
  std::string database;    ///< libpq conninfo
  std::string cache_file;  ///< the copy on disk; empty: none
  std::string broker_id;   ///< whose plugin this is, as the services know it
};

/// What the loader has to tell an operator. Its thread may not call the broker's log.
struct LogLine {
  enum class Level : std::uint8_t { info, warning, error };
  Level level = Level::info;
  std::string text;
};

/// A word on the channel behind all that was committed before it. What is promised by confirming it
/// differs: that every login from now on is judged by all that, or that live sessions were, too.
struct Barrier {
  std::string id;
  bool sessions = false;
  std::uint64_t number = 0;  ///< of the publication that has it all
};

/// Keeps a directory fresh on a thread of its own: the copy on disk first, then the database
/// (LISTEN, then COPY), then what changes; again from the start whenever the connection was lost.
class Loader {
 public:
  Loader(LoaderOptions options, Exchange& exchange);
  ~Loader();  ///< stop()
  Loader(const Loader&) = delete;
  Loader& operator=(const Loader&) = delete;

  void start();
  /// Ends the thread, after a last copy to disk. Waits for no server.
  void stop();
  /// Waits until the database was read or found to be away. False: neither in time.
  bool wait_first_attempt(std::chrono::milliseconds timeout);
  /// From the reader's thread, where Exchange::settle() said so. Never waits.
  void wake() noexcept;
  /// What was logged since; nothing where the loader is just logging. Never waits.
  std::vector<LogLine> take_log();

 private:
  class Cancellable;
  void run();
  void cancel_when_stopping();
  void run_once();
  void use_copy();
  void follow(pg::Connection& connection);
  void warn_of_rights(pg::Connection& connection);
  void take_over(Changes changes);
  std::vector<std::string> passed_barriers();
  void save_copy_when_due();
  void save_copy();
  void say(LogLine::Level level, std::string text);
  void first_attempt_done();
  bool stopping();
  void back_off();

  LoaderOptions options_;
  Exchange* exchange_;
  int wake_fd_ = -1;

  // the loader thread's own
  Snapshot snapshot_;
  bool loaded_ = false;       // from the database, not from the copy
  bool copy_is_old_ = false;  // the copy on disk lacks something
  Moment copy_due_{};
  std::deque<Barrier> barriers_;  // reached, and not yet to be confirmed
  bool database_lost_said_ = false;
  bool rights_looked_at_ = false;
  std::chrono::milliseconds back_off_{0};

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<LogLine> log_;
  pg::Connection* connection_ = nullptr;  // for stop() to cancel
  bool stopping_ = false;
  bool attempted_ = false;
  std::thread thread_;
};

}  // namespace xgate::directory
