// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "service/observe/metrics.hpp"
#include "service/script/engine.hpp"
#include "service/script/interpreter.hpp"
#include "service/script/lanes.hpp"
#include "service/script/seat.hpp"

namespace xgate::script {

/// The engine: script processes, and one thread that gives them work. They are started when the
/// first call comes: a site without scripts has none of them. One process more than `processes` is
/// for the scripts that ran over a limit lately, or take long: they share it, so
/// that everybody else's processes stay free, and it stands back from the processor for everybody
/// else.
class Pool : public Engine {
 public:
  struct Options {
    std::vector<std::string> command;  ///< of a script process, without its limits
    Limits limits;
    std::string zone = "UTC";  ///< of local time in scripts
    int processes = 2;
    /// How long calls wait when no process for them can be started. One that is starting is waited
    /// for: on a busy machine that takes its time, and what a device sent is not to be refused for
    /// that.
    std::int64_t patience_ms = 5'000;
  };
  Pool(Options options, observe::Metrics& metrics);
  ~Pool() override;  ///< what waits is answered with an error
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  void run(Call call, std::function<void(Outcome)> done) override;

 private:
  void loop();
  bool take_incoming();
  void hand_out(std::int64_t now_ms);
  void wait_for_something();
  void give_up_where_nothing_runs(std::int64_t now_ms);
  static void answer(const Pending& pending, std::string error);

  const Options options_;
  observe::Metrics& metrics_;
  const int wake_;  ///< eventfd
  std::mutex mutex_;
  std::vector<Pending> incoming_;
  bool stopping_ = false;
  // the thread's own
  Lanes lanes_;
  std::vector<std::unique_ptr<Seat>> seats_;
  bool wanted_ = false;  ///< a call has come: from then on the processes are kept running
  std::array<std::int64_t, 2> ready_ms_{};  ///< when one was ready last, of them and of those apart
  std::int64_t watched_ms_ = 0;
  std::thread thread_;
};

}  // namespace xgate::script
