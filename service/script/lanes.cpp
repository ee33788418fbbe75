// SPDX-License-Identifier: Apache-2.0
#include "service/script/lanes.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace xgate::script {
namespace {

bool same_script(const Call& one, const Call& other) {
  return one.program.source == other.program.source || *one.program.source == *other.program.source;
}

}  // namespace

void Lanes::add(Pending pending, std::int64_t now_ms) {
  std::unique_ptr<Lane>& lane = lanes_[pending.call.program.product_id];
  if (!lane) {
    lane = std::make_unique<Lane>();
    lane->product_id = pending.call.program.product_id;
  }
  if (is_apart(*lane, now_ms)) {
    const auto work = [](const Lane& of) {
      return of.expected_us * static_cast<double>(of.to_run);
    };
    double all = 0;
    for (const Lane* other : apart_line_) {
      all += work(*other);
    }
    pending.refused = work(*lane) > apart_waiting_us || all > 4 * apart_waiting_us;
    if (pending.refused) {
      pending.call.input = std::string();
    }
  }
  lane->to_run += pending.refused ? 0 : 1;
  lane->waiting.push_back(std::move(pending));
  ++waiting_;
  line_up(*lane, now_ms);
}

void Lanes::line_up(Lane& lane, std::int64_t now_ms) {
  if (lane.in_line || lane.served || lane.waiting.empty()) {
    return;
  }
  lane.in_line = true;
  (is_apart(lane, now_ms) ? apart_line_ : line_).push_back(&lane);
}

std::optional<Lanes::Turn> Lanes::take(bool apart, std::int64_t now_ms) {
  std::deque<Lane*>& line = apart ? apart_line_ : line_;
  if (line.empty()) {
    return std::nullopt;
  }
  Turn turn;
  turn.lane = line.front();
  line.pop_front();
  Lane& lane = *turn.lane;
  lane.in_line = false;
  lane.served = true;
  const std::size_t most = apart && is_apart(lane, now_ms) ? 1 : batch_calls;
  std::size_t bytes = 0;
  while (!lane.waiting.empty()) {
    Pending& next = lane.waiting.front();
    const bool fits = turn.calls.empty() ||
                      (turn.calls.size() < most && bytes + next.call.input.size() <= batch_bytes &&
                       same_script(turn.calls.front().call, next.call));
    // A refused one behind a call waits for that call's outcome.
    if (next.refused ? !turn.calls.empty() : !fits) {
      break;
    }
    bytes += next.call.input.size();
    lane.to_run -= next.refused ? 0 : 1;
    (next.refused ? turn.refused : turn.calls).push_back(std::move(next));
    lane.waiting.pop_front();
    --waiting_;
  }
  return turn;
}

void Lanes::end(Lane& lane, std::vector<Pending> not_run, std::int64_t now_ms) {
  waiting_ += not_run.size();
  lane.to_run += not_run.size();
  lane.waiting.insert(lane.waiting.begin(), std::make_move_iterator(not_run.begin()),
                      std::make_move_iterator(not_run.end()));
  lane.served = false;
  if (lane.waiting.empty() && !is_apart(lane, now_ms)) {
    lanes_.erase(std::string(lane.product_id));
    return;
  }
  line_up(lane, now_ms);
}

void Lanes::note_cost(Lane& lane, std::int64_t time_ns) {
  lane.expected_us += (static_cast<double>(time_ns) / 1000 - lane.expected_us) / 4;
}

std::vector<Pending> Lanes::take_all() {
  std::vector<Pending> all;
  for (auto& [product_id, lane] : lanes_) {
    std::move(lane->waiting.begin(), lane->waiting.end(), std::back_inserter(all));
    lane->waiting.clear();
    lane->to_run = 0;
  }
  waiting_ = 0;
  return all;
}

}  // namespace xgate::script
