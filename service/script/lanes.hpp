// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "service/script/engine.hpp"
#include "service/script/sandbox.hpp"

namespace xgate::script {

/// A call that waits for its turn, or has been sent to a process.
struct Pending {
  Call call;
  std::function<void(Outcome)> done;
  /// Why it is not run; it keeps its place among the product's calls. Empty: it is.
  std::string refused;
  std::int64_t since_ms = 0;  ///< it waits
};

/// Whose turn it is: every product has a lane of its own, in the order of its calls. Lanes whose
/// script has not ended a call well yet, ran over a limit lately, or takes long, are served apart
/// from the others, a call at a time, and only so much of their work may wait. Calls over a limit
/// use up an allowance; while there is none of it left, nothing of those callers is run whose calls
/// ran over one: a frame that a script gets lost in costs the devices that send it. Lanes are kept,
/// with what is known of their scripts. Pure; the time comes from outside.
class Lanes {
 public:
  struct Lane {
    std::string product_id;
    std::deque<Pending> waiting;
    std::size_t to_run = 0;  ///< of those that wait: without the refused ones
    bool served = false;
    std::deque<Lane*>* line = nullptr;  ///< the one it stands in
    Program program;                    ///< of the last call that came
    // What the program is known for; another one begins without.
    bool proven = false;                 ///< a call has ended well; tries prove nothing
    double expected_us = 0;              ///< what one of its calls takes, lately
    std::string offence;                 ///< how it ran over a limit last; empty: it has not lately
    std::vector<std::string> offenders;  ///< whose calls did; offenders_most stand for everybody
    bool rested = false;                 ///< the allowance has been used up since it is an offender
    std::int64_t apart_until_ms = 0;
    double allowance_us = 0;
    std::int64_t allowance_at_ms = 0;
  };

  /// An offender is served apart until a call ends well, this long after the last that did not.
  static constexpr std::int64_t apart_ms = 10'000;
  /// Who takes longer than this, some hundred times what is usual, is served apart too.
  static constexpr double long_us = 1'000;
  /// What an offender may have waiting, and all that are served apart together.
  static constexpr double offender_waiting_us = 250'000;
  static constexpr double apart_waiting_us = 1'000'000;
  /// An offender's call waits no longer for a process that does not get the processor.
  static constexpr std::int64_t offender_waits_ms = 1'000 * slowness;
  /// The allowance, and what of it comes back in a millisecond: a fiftieth of a processor.
  static constexpr double allowance_most_us = 250'000;
  static constexpr double allowance_us_a_ms = 20;
  /// Where more callers than this run it over its limits, it is the script and not their frames.
  static constexpr std::size_t offenders_most = 16;
  static constexpr std::size_t batch_calls = 64;
  static constexpr std::size_t batch_bytes = std::size_t{256} << 10U;

  /// A newer version of a product's script takes over what waits.
  void add(Pending pending, std::int64_t now_ms);

  struct Turn {
    Lane* lane = nullptr;
    std::vector<Pending> calls;  ///< of one script
  };
  /// The next one's turn; ended with end().
  std::optional<Turn> take(bool apart, std::int64_t now_ms);
  /// Those of the turn that were not run come first at the next.
  void end(Lane& lane, std::vector<Pending> not_run, std::int64_t now_ms);
  /// Those whose place has come, to be told why they are not run.
  std::vector<Pending> take_refused(std::int64_t now_ms);

  /// What is new about a lane.
  enum class News : std::uint8_t { none, apart, rests, reformed };
  /// The call ended within its limits, in that time.
  static News note_good(Lane& lane, const Call& call, double time_us, std::int64_t now_ms);
  /// It ran over one, which the sentence tells, and occupied its process for that time.
  static News note_limit(Lane& lane, const Call& call, double time_us, std::string_view sentence,
                         std::int64_t now_ms);

  bool empty() const noexcept { return waiting_ == 0; }
  /// What waits in one of the two lines, where there is no process for it.
  std::vector<Pending> take_line(bool apart);
  /// Everything that waits, for an end that runs nothing any more.
  std::vector<Pending> take_all();

 private:
  static bool is_apart(const Lane& lane) {
    return !lane.proven || !lane.offence.empty() || lane.expected_us > long_us;
  }
  static bool rests(const Lane& lane, std::string_view caller, std::int64_t now_ms);
  static void take_over(Lane& lane, const Program& newer);
  std::string reason_to_refuse(const Lane& lane, std::string_view caller, std::size_t before_it,
                               std::int64_t now_ms) const;
  void refuse_what_is_too_much(Lane& lane, std::int64_t now_ms);
  void take_refused_of(Lane& lane, std::int64_t now_ms);
  void line_up(Lane& lane);
  static void leave_line(Lane& lane);

  std::unordered_map<std::string, std::unique_ptr<Lane>> lanes_;
  std::deque<Lane*> line_;
  std::deque<Lane*> apart_line_;
  std::vector<Pending> refused_;  ///< that are out of their lanes already
  std::size_t waiting_ = 0;
};

}  // namespace xgate::script
