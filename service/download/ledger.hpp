// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "service/firmware/content_store.hpp"
#include "service/store/database.hpp"
#include "service/store/upgrades.hpp"

namespace xgate::download {

/// A file that is open for reading, by whoever holds it.
class File {
 public:
  /// Nothing where it cannot be opened, or is not of that size.
  static std::shared_ptr<const File> open(const std::string& path, std::int64_t size);
  ~File();
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int descriptor() const noexcept { return descriptor_; }
  std::int64_t modified_s() const noexcept { return modified_s_; }

 private:
  File(int descriptor, std::int64_t modified_s)
      : descriptor_(descriptor), modified_s_(modified_s) {}
  int descriptor_;
  std::int64_t modified_s_;
};

struct Download {
  store::Offer offer;
  std::shared_ptr<const File> file;
};
/// over: the device was told this DownID, and its upgrade has ended. away: the database or the file
/// cannot be had now.
enum class Found : std::uint8_t { yes, no, over, away };
struct Answer {
  Found found = Found::away;
  Download download = {};
  std::string address = {};  ///< yes, over: from which the device logged in last
  std::string state = {};    ///< over: how the upgrade ended
  bool begun_anew = false;   ///< over: it has another DownID now
};

/// Who may download what, and what became of it: a thread with a database connection of its own, so
/// that nothing here waits on the network thread.
class Ledger {
 public:
  Ledger(std::string conninfo, const store::DatabaseState& state,
         const firmware::ContentStore& files);
  ~Ledger();
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;

  void start();
  void stop();  ///< returns soon
  /// After stop(), when those who asked have ended: what was not answered is dropped.
  void join();

  /// `then` is called on the ledger's thread. False: too many wait already.
  bool find(std::string down_id, std::function<void(Answer)> then);
  /// Noted when the database has time for it; of one upgrade, together.
  void note(const store::Offer& offer, const store::Progress& progress);

 private:
  struct Question {
    std::string down_id;
    std::function<void(Answer)> then;
  };
  struct Note {
    store::Offer offer;
    store::Progress progress;
  };

  void run();
  Answer answer(const std::string& down_id);
  void log_over(const std::string& down_id, const store::DownIdUse::Over& over);
  void write_notes(std::map<std::string, Note> notes);

  const firmware::ContentStore& files_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Question> questions_;
  std::map<std::string, Note> notes_;  ///< by DownID
  bool begun_ = false;                 ///< a download has: its note does not wait
  bool stopping_ = false;
  store::Database database_;  ///< the thread's own
  /// By DownID, when its end was logged: a device may ask on and on.
  std::map<std::string, std::chrono::steady_clock::time_point> logged_;
  std::thread thread_;
};

}  // namespace xgate::download
