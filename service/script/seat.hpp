// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "service/observe/metrics.hpp"
#include "service/script/interpreter.hpp"
#include "service/script/lanes.hpp"
#include "service/script/process.hpp"

namespace xgate::script {

/// How long a process may take until it is ready: tens of milliseconds, where it has a processor.
inline constexpr std::int64_t start_most_ms = 10'000;

/// A place for one script process: keeps one running, gives it turns, takes its answers, and ends
/// it when it hangs. Used by the pool's thread alone.
class Seat {
 public:
  struct Options {
    std::string name;
    std::vector<std::string> command;  ///< of the process
    Limits limits;
    bool apart = false;  ///< for scripts that ran over a limit lately, or take long
    /// A turn is over: the calls that were not run.
    std::function<void(Lanes::Lane&, std::vector<Pending>)> on_end;
  };
  Seat(Options options, observe::Metrics& metrics);

  bool apart() const noexcept { return options_.apart; }
  bool idle() const noexcept { return ready_ && lane_ == nullptr; }
  bool busy() const noexcept { return lane_ != nullptr; }
  bool ready() const noexcept { return ready_; }
  bool starting() const noexcept { return process_ != nullptr && !ready_; }
  const Process* process() const noexcept { return process_.get(); }

  /// Starts a process where there is none, unless the last ones could not even begin.
  void tend(std::int64_t now_ms);
  void give(Lanes::Turn turn, std::int64_t now_ms);
  void on_writable(std::int64_t now_ms);
  void on_readable(std::int64_t now_ms);
  /// Ends the process where its call hangs.
  void watch(std::int64_t now_ms);
  /// Gives up the process and the turn: for the end of the service.
  std::vector<Pending> abandon();

 private:
  struct Slot {
    std::shared_ptr<const std::string> source;
    std::uint64_t used = 0;
  };
  void on_answer(Answer answer, std::int64_t now_ms);
  void settle(Outcome outcome, bool limit, std::int64_t now_ms);
  void end_turn();
  void lose_process(const std::string& why, bool guilty, std::int64_t now_ms);
  void let_process_go();
  void tell(Lanes::News news, std::string_view why) const;
  std::size_t slot_of(const std::shared_ptr<const std::string>& source, bool& is_new);
  void note_progress(std::int64_t now_ms);

  const Options options_;
  observe::Metrics& metrics_;
  std::unique_ptr<Process> process_;
  std::vector<std::unique_ptr<Process>> ending_;  ///< killed
  bool ready_ = false;
  std::string problem_;  ///< the last that was logged
  std::int64_t not_before_ms_ = 0;
  std::int64_t back_off_ms_ = 0;
  std::array<Slot, script_slots> slots_;
  std::uint64_t turns_ = 0;
  // the turn
  Lanes::Lane* lane_ = nullptr;
  std::vector<Pending> calls_;
  std::size_t answered_ = 0;
  std::int64_t progress_ms_ = 0;  ///< when the last answer came
  std::int64_t progress_us_ = 0;  ///< of the process' own clock, then
};

}  // namespace xgate::script
