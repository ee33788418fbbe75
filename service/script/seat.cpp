// SPDX-License-Identifier: Apache-2.0
#include "service/script/seat.hpp"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <utility>

#include "service/observe/log.hpp"
#include "service/script/sandbox.hpp"

namespace xgate::script {
namespace {

// What a call may use of a processor is checked inside the process, between the steps of a script.
// Inside one step (a regular expression, a sort) nobody checks but us. Twice: a first call loads
// the script too.
constexpr std::int64_t grace_us = 50'000;
// A machine may be busy with something else for long.
constexpr std::int64_t wall_most_ms = 30'000;
// What stands apart is the first to go short on a busy machine. Acknowledgements leave in the order
// of arrival: nobody's wait for its messages longer than this.
constexpr std::int64_t apart_wall_most_ms = 2'000 * slowness;
// The next process has to be started: a script that ends one is charged for that at least.
constexpr std::int64_t least_charge_us = 50'000;
// Before its limit of an hour ends it in the middle of something.
constexpr std::int64_t life_us = std::int64_t{1'800} * 1'000'000;
constexpr std::int64_t back_off_most_ms = 5'000;

}  // namespace

Seat::Seat(Options options, observe::Metrics& metrics)
    : options_(std::move(options)), metrics_(metrics) {}

void Seat::tend(std::int64_t now_ms) {
  if (process_ || now_ms < not_before_ms_) {
    return;
  }
  auto started = Process::start(options_.command);
  slots_ = {};
  ready_ = false;
  note_progress(now_ms);
  if (!started) {
    lose_process(started.error(), false, now_ms);
    return;
  }
  process_ = std::move(*started);
}

void Seat::note_progress(std::int64_t now_ms) {
  progress_ms_ = now_ms;
  progress_us_ = process_ ? process_->processor_us() : 0;
}

std::size_t Seat::slot_of(const std::shared_ptr<const std::string>& source, bool& is_new) {
  const auto found = std::find_if(slots_.begin(), slots_.end(), [&](const Slot& slot) {
    return slot.source == source || (slot.source && *slot.source == *source);
  });
  is_new = found == slots_.end();
  Slot& slot = is_new ? *std::min_element(slots_.begin(), slots_.end(),
                                          [](const Slot& one, const Slot& other) {
                                            return one.used < other.used;
                                          })
                      : *found;
  slot.source = source;
  slot.used = ++turns_;
  return static_cast<std::size_t>(&slot - slots_.data());
}

void Seat::give(Lanes::Turn turn, std::int64_t now_ms) {
  lane_ = turn.lane;
  calls_ = std::move(turn.calls);
  answered_ = 0;
  bool is_new = false;
  const auto& source = calls_.front().call.program.source;
  Batch batch;
  batch.slot = slot_of(source, is_new);
  if (is_new) {
    batch.source = *source;
  }
  batch.calls.reserve(calls_.size());
  for (const Pending& pending : calls_) {
    batch.calls.push_back({pending.call.function, pending.call.input, pending.call.at_ms});
  }
  note_progress(now_ms);
  if (!process_->send(encode(batch))) {
    lose_process("it is gone", false, now_ms);
  }
}

void Seat::on_writable(std::int64_t now_ms) {
  if (process_ && !process_->flush()) {
    lose_process("it is gone", false, now_ms);
  }
}

void Seat::on_readable(std::int64_t now_ms) {
  if (!process_) {
    return;
  }
  std::vector<Answer> answers;
  const bool alive = process_->receive(answers);
  for (Answer& answer : answers) {
    if (process_) {
      on_answer(std::move(answer), now_ms);
    }
  }
  if (process_ && !alive) {
    lose_process("it is gone", false, now_ms);
  }
  if (process_ && !answers.empty()) {
    note_progress(now_ms);
  }
}

void Seat::on_answer(Answer answer, std::int64_t now_ms) {
  if (!ready_) {
    if (answer.kind != Answer::Kind::ready && answer.kind != Answer::Kind::relaxed) {
      lose_process(clean_sentence(answer.text), false, now_ms);
      return;
    }
    ready_ = true;
    back_off_ms_ = 0;
    if (!problem_.empty()) {
      observe::info("{}: scripts run again", observe::Words(options_.name));
      problem_.clear();
    }
    if (answer.kind == Answer::Kind::relaxed) {
      observe::warn("{}: a sanitized build: scripts run without the filter of system calls",
                    observe::Words(options_.name));
    }
    return;
  }
  if (lane_ == nullptr || answer.kind == Answer::Kind::ready ||
      answer.kind == Answer::Kind::relaxed) {
    lose_process("it said what nobody asked for", true, now_ms);
    return;
  }
  if (answer.kind == Answer::Kind::stopped) {
    end_turn();
    return;
  }
  const bool good = answer.kind == Answer::Kind::result;
  Outcome outcome{
      .output = good ? std::move(answer.text) : std::string(),
      .error = good ? std::string() : clean_sentence(answer.text),
      .printed = clean_lines(answer.printed),
      .time_ns = static_cast<std::int64_t>(std::min<std::uint64_t>(answer.time_ns, INT64_MAX)),
      .memory_bytes = answer.memory_bytes};
  if (!good && outcome.error.empty()) {
    outcome.error = "the parsing script failed";
  }
  settle(std::move(outcome), answer.kind == Answer::Kind::limit, now_ms);
  if (answered_ == calls_.size()) {
    end_turn();
  }
}

void Seat::settle(Outcome outcome, bool limit, std::int64_t now_ms) {
  Pending& pending = calls_[answered_++];
  const double time_us = static_cast<double>(outcome.time_ns) / 1000 / slowness;
  const auto occupied_us = static_cast<double>(now_ms - progress_ms_) * 1000;
  const Call& call = pending.call;
  tell(limit
           ? Lanes::note_limit(*lane_, call, std::max(time_us, occupied_us), outcome.error, now_ms)
           : Lanes::note_good(*lane_, call, time_us, now_ms),
       outcome.error);
  if (limit) {
    metrics_.script_limits.Increment();
  }
  (outcome.error.empty() ? metrics_.script_results : metrics_.script_errors).Increment();
  pending.done(std::move(outcome));
}

void Seat::tell(Lanes::News news, std::string_view why) const {
  if (news == Lanes::News::none || lane_->product_id.empty()) {
    return;
  }
  const std::string which = "product " + lane_->product_id + ", version " +
                            std::to_string(lane_->program.version) + " of its parsing script: ";
  switch (news) {
    case Lanes::News::apart:
      observe::warn("{}{}; for a while it is served apart from the others", observe::Words(which),
                    observe::Words(why));
      break;
    case Lanes::News::rests:
      observe::warn(
          "{}it keeps running over its limits: from now on it is tried every few seconds with what "
          "those devices send, and what comes of them between is refused",
          observe::Words(which));
      break;
    case Lanes::News::reformed:
      observe::info("{}it keeps to its limits again", observe::Words(which));
      break;
    case Lanes::News::none:
      break;
  }
}

void Seat::end_turn() {
  std::vector<Pending> not_run(
      std::make_move_iterator(calls_.begin() + static_cast<std::ptrdiff_t>(answered_)),
      std::make_move_iterator(calls_.end()));
  calls_.clear();
  options_.on_end(*std::exchange(lane_, nullptr), std::move(not_run));
}

/// Whoever waited here for its end would hold up the other processes' work.
void Seat::let_process_go() {
  if (process_) {
    process_->kill();
    ending_.push_back(std::move(process_));
  }
}

void Seat::lose_process(const std::string& why, bool guilty, std::int64_t now_ms) {
  const std::int64_t used_us = process_ ? (process_->processor_us() - progress_us_) / slowness : 0;
  let_process_go();
  if (!std::exchange(ready_, false)) {
    back_off_ms_ = std::clamp<std::int64_t>(back_off_ms_ * 2, 100, back_off_most_ms);
    not_before_ms_ = now_ms + back_off_ms_;
    if (problem_ != why) {  // once, not at every attempt
      problem_ = why;
      observe::error("{}: no script process can be started: {}", observe::Words(options_.name),
                     observe::Words(why));
    }
  }
  if (lane_ == nullptr) {
    return;
  }
  metrics_.script_processes_lost.Increment();
  // Whose doing it was is only sure where the call was alone; else, and where it may have been
  // somebody outside, its lane goes apart and all of it is run again, one by one.
  const bool alone = calls_.size() - answered_ == 1;
  const std::string sentence = "the parsing script had to be ended: " + why;
  const std::int64_t charge_us = std::max(used_us, least_charge_us);
  const bool again = options_.apart && !lane_->offence.empty();
  if (alone && (guilty || again)) {
    settle({.output = {}, .error = sentence, .time_ns = charge_us * 1000, .memory_bytes = 0}, true,
           now_ms);
  } else {
    tell(Lanes::note_limit(*lane_, calls_[answered_].call, static_cast<double>(charge_us), sentence,
                           now_ms),
         sentence);
  }
  end_turn();
}

void Seat::watch(std::int64_t now_ms) {
  std::erase_if(ending_, [](const auto& process) { return process->has_ended(); });
  if (!process_) {
    return;
  }
  if (!ready_) {
    if (now_ms - progress_ms_ > start_most_ms) {
      lose_process("it does not begin", false, now_ms);
    }
    return;
  }
  const std::int64_t used_us = process_->processor_us();
  if (lane_ == nullptr) {
    if (used_us > life_us) {
      let_process_go();
      ready_ = false;
    }
    return;
  }
  const std::int64_t time_us = std::int64_t{options_.limits.time_ms} * 1000;
  const std::int64_t most_us = (2 * time_us + grace_us) * slowness;
  if (used_us - progress_us_ > most_us) {
    lose_process("it ran longer than " + std::to_string(options_.limits.time_ms) + " ms", true,
                 now_ms);
  } else if (const auto most_ms = options_.apart ? apart_wall_most_ms : wall_most_ms;
             now_ms - progress_ms_ > most_ms) {
    lose_process("it does not answer within " + std::to_string(most_ms) + " ms", false, now_ms);
  }
}

std::vector<Pending> Seat::abandon() {
  process_.reset();
  ready_ = false;
  std::vector<Pending> left;
  if (lane_ != nullptr) {
    std::move(calls_.begin() + static_cast<std::ptrdiff_t>(answered_), calls_.end(),
              std::back_inserter(left));
    calls_.clear();
    lane_ = nullptr;
  }
  return left;
}

}  // namespace xgate::script
