// SPDX-License-Identifier: Apache-2.0
#include "service/script/lanes.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace xgate::script {
namespace {

bool same_script(const Program& one, const Program& other) {
  return one.source == other.source || *one.source == *other.source;
}

double work_of(const Lanes::Lane& lane, std::size_t calls) {
  return lane.expected_us * static_cast<double>(calls);
}

/// Tries have no product: their scripts have nothing to do with one another.
bool is_of_tries(const Lanes::Lane& lane) { return lane.product_id.empty(); }

/// A call may end when there is a newer script already, which is not to blame.
bool is_of_lane(const Lanes::Lane& lane, const Program& program) {
  return is_of_tries(lane) || same_script(lane.program, program);
}

double allowance_of(const Lanes::Lane& lane, std::int64_t now_ms) {
  const auto passed = static_cast<double>(now_ms - lane.allowance_at_ms);
  return std::min(Lanes::allowance_most_us, lane.allowance_us + passed * Lanes::allowance_us_a_ms);
}

bool is_spent(const Lanes::Lane& lane, std::int64_t now_ms) {
  return !lane.offence.empty() && !is_of_tries(lane) && allowance_of(lane, now_ms) <= 0;
}

bool is_offender(const Lanes::Lane& lane, std::string_view caller) {
  return std::ranges::find(lane.offenders, caller) != lane.offenders.end();
}

std::string not_run(const Lanes::Lane& lane) {
  const std::string which =
      is_of_tries(lane) ? "" : " (version " + std::to_string(lane.program.version) + ")";
  return "the parsing script" + which + " was not run: ";
}

std::string resting(const Lanes::Lane& lane) {
  return not_run(lane) +
         (lane.offenders.size() >= Lanes::offenders_most
              ? "it keeps running over its limits"
              : "it keeps running over its limits with what this device sends") +
         " and is tried again every few seconds; the last time: " + lane.offence;
}

}  // namespace

bool Lanes::rests(const Lane& lane, std::string_view caller, std::int64_t now_ms) {
  return is_spent(lane, now_ms) &&
         (lane.offenders.size() >= offenders_most || is_offender(lane, caller));
}

void Lanes::add(Pending pending, std::int64_t now_ms) {
  std::unique_ptr<Lane>& place = lanes_[pending.call.program.product_id];
  if (!place) {
    place = std::make_unique<Lane>();
    place->product_id = pending.call.program.product_id;
    place->program = pending.call.program;
  }
  Lane& lane = *place;
  if (!is_of_tries(lane) && !same_script(lane.program, pending.call.program)) {
    take_over(lane, pending.call.program);
  }
  if (std::string reason = reason_to_refuse(lane, pending.call.caller, lane.to_run, now_ms);
      !reason.empty()) {
    pending.refused = std::move(reason);
    pending.call.input = std::string();
  }
  pending.since_ms = now_ms;
  lane.to_run += pending.refused.empty() ? 1 : 0;
  lane.waiting.push_back(std::move(pending));
  ++waiting_;
  line_up(lane);
}

/// What the one before was known for is not the new one's fault.
void Lanes::take_over(Lane& lane, const Program& newer) {
  for (Pending& pending : lane.waiting) {
    if (pending.call.program.version < newer.version) {
      pending.call.program = newer;
    }
  }
  lane.program = newer;
  lane.proven = false;
  lane.expected_us = 0;
  lane.offence.clear();
  lane.offenders.clear();
  leave_line(lane);
}

std::string Lanes::reason_to_refuse(const Lane& lane, std::string_view caller,
                                    std::size_t before_it, std::int64_t now_ms) const {
  const bool offender = !lane.offence.empty();
  if (!is_apart(lane) || (!lane.proven && !offender)) {
    return "";
  }
  if (rests(lane, caller, now_ms)) {
    return resting(lane);
  }
  const double own = work_of(lane, before_it);
  double all = own;
  for (const Lane* other : apart_line_) {
    all += other == &lane ? 0 : work_of(*other, other->to_run);
  }
  if (all > apart_waiting_us || (offender && own > offender_waiting_us)) {
    return not_run(lane) +
           "it takes long or ran over its limits lately, and too many of its calls wait";
  }
  return "";
}

/// What came before anything was known of the script is judged now: from the last that came.
void Lanes::refuse_what_is_too_much(Lane& lane, std::int64_t now_ms) {
  for (auto last = lane.waiting.rbegin(); last != lane.waiting.rend(); ++last) {
    if (!last->refused.empty()) {
      continue;
    }
    std::string reason = reason_to_refuse(lane, last->call.caller, lane.to_run - 1, now_ms);
    if (reason.empty()) {
      return;
    }
    last->refused = std::move(reason);
    last->call.input = std::string();
    --lane.to_run;
  }
}

void Lanes::line_up(Lane& lane) {
  if (lane.line != nullptr || lane.served || lane.waiting.empty()) {
    return;
  }
  lane.line = is_apart(lane) ? &apart_line_ : &line_;
  lane.line->push_back(&lane);
}

void Lanes::leave_line(Lane& lane) {
  if (lane.line != nullptr) {
    std::erase(*lane.line, &lane);
    lane.line = nullptr;
  }
}

/// Those in front; one behind a call waits for that call's outcome.
void Lanes::take_refused_of(Lane& lane, std::int64_t now_ms) {
  while (!lane.waiting.empty()) {
    Pending& first = lane.waiting.front();
    if (first.refused.empty() && !lane.offence.empty() && !is_of_tries(lane)) {
      if (rests(lane, first.call.caller, now_ms)) {
        first.refused = resting(lane);
      } else if (now_ms - first.since_ms > offender_waits_ms) {
        first.refused = not_run(lane) + "it ran over its limits lately, and the machine is busy";
      }
      lane.to_run -= first.refused.empty() ? 0 : 1;
    }
    if (first.refused.empty()) {
      return;
    }
    refused_.push_back(std::move(first));
    lane.waiting.pop_front();
    --waiting_;
  }
}

std::vector<Pending> Lanes::take_refused(std::int64_t now_ms) {
  for (std::size_t i = 0; i < apart_line_.size();) {
    Lane& lane = *apart_line_[i];
    take_refused_of(lane, now_ms);
    if (lane.waiting.empty()) {
      leave_line(lane);
      end(lane, {}, now_ms);
    } else {
      ++i;
    }
  }
  return std::exchange(refused_, {});
}

std::optional<Lanes::Turn> Lanes::take(bool apart, std::int64_t now_ms) {
  std::deque<Lane*>& line = apart ? apart_line_ : line_;
  while (!line.empty()) {
    Lane& lane = *line.front();
    leave_line(lane);
    take_refused_of(lane, now_ms);
    if (lane.waiting.empty()) {
      end(lane, {}, now_ms);
      continue;
    }
    Turn turn{.lane = &lane, .calls = {}};
    lane.served = true;
    const std::size_t most = apart ? 1 : batch_calls;
    std::size_t bytes = 0;
    while (!lane.waiting.empty() && turn.calls.size() < most) {
      Pending& next = lane.waiting.front();
      const bool fits =
          turn.calls.empty() || (bytes + next.call.input.size() <= batch_bytes &&
                                 same_script(turn.calls.front().call.program, next.call.program));
      if (!next.refused.empty() || !fits) {
        break;
      }
      bytes += next.call.input.size();
      turn.calls.push_back(std::move(next));
      lane.waiting.pop_front();
      --lane.to_run;
      --waiting_;
    }
    return turn;
  }
  return std::nullopt;
}

void Lanes::end(Lane& lane, std::vector<Pending> not_run, std::int64_t now_ms) {
  waiting_ += not_run.size();
  lane.to_run += not_run.size();
  lane.waiting.insert(lane.waiting.begin(), std::make_move_iterator(not_run.begin()),
                      std::make_move_iterator(not_run.end()));
  lane.served = false;
  refuse_what_is_too_much(lane, now_ms);
  line_up(lane);
}

Lanes::News Lanes::note_good(Lane& lane, const Call& call, double time_us, std::int64_t now_ms) {
  if (!is_of_lane(lane, call.program)) {
    return News::none;
  }
  lane.expected_us += (time_us - lane.expected_us) / (lane.proven ? 4 : 1);
  lane.proven = !is_of_tries(lane);
  if (lane.offence.empty() || now_ms < lane.apart_until_ms) {
    return News::none;
  }
  lane.offence.clear();
  lane.offenders.clear();
  lane.expected_us = time_us;
  return News::reformed;
}

Lanes::News Lanes::note_limit(Lane& lane, const Call& call, double time_us,
                              std::string_view sentence, std::int64_t now_ms) {
  if (!is_of_lane(lane, call.program)) {
    return News::none;
  }
  const bool is_new = lane.offence.empty();
  if (!is_offender(lane, call.caller) && lane.offenders.size() < offenders_most) {
    lane.offenders.push_back(call.caller);
  }
  const double allowance = is_new ? allowance_most_us : allowance_of(lane, now_ms);
  lane.allowance_us =
      std::max(-allowance_most_us, allowance - std::min(time_us, allowance_most_us));
  lane.allowance_at_ms = now_ms;
  lane.rested = lane.rested && !is_new;
  lane.expected_us += (time_us - lane.expected_us) / 4;
  lane.offence = sentence;
  lane.apart_until_ms = now_ms + apart_ms;
  if (is_new) {
    return News::apart;
  }
  const bool is_tired = !lane.rested && is_spent(lane, now_ms);
  lane.rested = lane.rested || is_tired;
  return is_tired ? News::rests : News::none;
}

std::vector<Pending> Lanes::take_line(bool apart) {
  std::deque<Lane*>& line = apart ? apart_line_ : line_;
  std::vector<Pending> all;
  while (!line.empty()) {
    Lane& lane = *line.front();
    leave_line(lane);
    waiting_ -= lane.waiting.size();
    std::move(lane.waiting.begin(), lane.waiting.end(), std::back_inserter(all));
    lane.waiting.clear();
    lane.to_run = 0;
  }
  return all;
}

std::vector<Pending> Lanes::take_all() {
  std::vector<Pending> all = std::exchange(refused_, {});
  for (auto& [product_id, lane] : lanes_) {
    std::move(lane->waiting.begin(), lane->waiting.end(), std::back_inserter(all));
    lane->waiting.clear();
    lane->to_run = 0;
  }
  waiting_ = 0;
  return all;
}

}  // namespace xgate::script
