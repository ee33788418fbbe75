// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "service/script/engine.hpp"

namespace xgate::script {

/// A call that waits for its turn, or has been sent to a process.
struct Pending {
  Call call;
  std::function<void(Outcome)> done;
  /// Too many wait already: it keeps its place among the product's calls, but is not run.
  bool refused = false;
};

/// Whose turn it is: every product has a lane of its own, in the order of its calls. Lanes whose
/// script ran over a limit lately are served apart from the others, a call at a time. Pure; the
/// time comes from outside.
class Lanes {
 public:
  struct Lane {
    std::string product_id;
    std::deque<Pending> waiting;
    std::size_t to_run = 0;  ///< of those that wait: without the refused ones
    bool in_line = false;
    bool served = false;
    std::int64_t apart_until_ms = 0;
    double expected_us = 0;  ///< what one of its calls takes, lately
  };

  static constexpr std::int64_t apart_ms = 10'000;
  /// Who is apart may have this much work waiting; all of them together four times as much.
  static constexpr double apart_waiting_us = 250'000;
  static constexpr std::size_t batch_calls = 64;
  static constexpr std::size_t batch_bytes = std::size_t{256} << 10U;

  void add(Pending pending, std::int64_t now_ms);

  struct Turn {
    Lane* lane = nullptr;
    std::vector<Pending> refused;  ///< to be answered; before `calls`
    std::vector<Pending> calls;    ///< of one script; may be empty
  };
  /// The next one's turn; ended with end().
  std::optional<Turn> take(bool apart, std::int64_t now_ms);
  /// Those of the turn that were not run come first at the next.
  void end(Lane& lane, std::vector<Pending> not_run, std::int64_t now_ms);

  static void note_cost(Lane& lane, std::int64_t time_ns);
  static void note_limit(Lane& lane, std::int64_t now_ms) {
    lane.apart_until_ms = now_ms + apart_ms;
  }
  bool empty() const noexcept { return waiting_ == 0; }
  /// Everything that waits, for an end that runs nothing any more.
  std::vector<Pending> take_all();

 private:
  void line_up(Lane& lane, std::int64_t now_ms);
  static bool is_apart(const Lane& lane, std::int64_t now_ms) {
    return lane.apart_until_ms > now_ms;
  }

  std::unordered_map<std::string, std::unique_ptr<Lane>> lanes_;
  std::deque<Lane*> line_;
  std::deque<Lane*> apart_line_;
  std::size_t waiting_ = 0;
};

}  // namespace xgate::script
