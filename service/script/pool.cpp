// SPDX-License-Identifier: Apache-2.0
#include "service/script/pool.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <utility>

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace xgate::script {
namespace {

constexpr int watch_ms = 20;
constexpr int idle_look_ms = 1'000;

constexpr auto cannot_run = "the platform cannot run parsing scripts now";

std::int64_t steady_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

Pool::Pool(Options options, observe::Metrics& metrics)
    : options_(std::move(options)),
      metrics_(metrics),
      wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  std::vector<std::string> command = options_.command;
  command.push_back(std::to_string(options_.limits.time_ms));
  command.push_back(std::to_string(options_.limits.memory_mb));
  command.push_back(options_.zone);
  std::vector<std::string> apart_command = command;
  apart_command.emplace_back(apart_word);
  for (int i = 0; i <= options_.processes; ++i) {
    const bool apart = i == options_.processes;
    seats_.push_back(std::make_unique<Seat>(
        Seat::Options{.name = apart ? "scripts-apart" : "scripts-" + std::to_string(i),
                      .command = apart ? apart_command : command,
                      .limits = options_.limits,
                      .apart = apart,
                      .on_end =
                          [this](Lanes::Lane& lane, std::vector<Pending> not_run) {
                            lanes_.end(lane, std::move(not_run), steady_ms());
                          }},
        metrics));
  }
  thread_ = std::thread([this] { loop(); });
}

Pool::~Pool() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  eventfd_write(wake_, 1);
  thread_.join();
  close(wake_);
}

void Pool::answer(const Pending& pending, std::string error) {
  pending.done({.output = {}, .error = std::move(error), .time_ns = 0, .memory_bytes = 0});
}

void Pool::run(Call call, std::function<void(Outcome)> done) {
  bool wake = false;
  {
    std::unique_lock lock(mutex_);
    if (stopping_) {
      lock.unlock();
      done({.output = {}, .error = cannot_run, .time_ns = 0, .memory_bytes = 0});
      return;
    }
    wake = incoming_.empty();
    incoming_.push_back({std::move(call), std::move(done), {}, 0});
  }
  if (wake) {
    eventfd_write(wake_, 1);
  }
}

/// False: the pool ends.
bool Pool::take_incoming() {
  std::vector<Pending> incoming;
  {
    const std::lock_guard lock(mutex_);
    incoming.swap(incoming_);
    if (stopping_) {
      for (const Pending& pending : incoming) {
        answer(pending, cannot_run);
      }
      return false;
    }
  }
  const std::int64_t now_ms = steady_ms();
  for (Pending& pending : incoming) {
    if (pending.call.program.source == nullptr || pending.call.input.size() > max_input) {
      answer(pending, "more than a parsing script may be given");
      continue;
    }
    lanes_.add(std::move(pending), now_ms);
    if (!std::exchange(wanted_, true)) {
      ready_ms_.fill(now_ms);
    }
  }
  return true;
}

void Pool::loop() {
  while (take_incoming()) {
    const std::int64_t now_ms = steady_ms();
    for (const auto& seat : seats_) {
      if (wanted_) {
        seat->tend(now_ms);
      }
    }
    hand_out(now_ms);
    give_up_where_nothing_runs(now_ms);
    wait_for_something();
  }
  for (const auto& seat : seats_) {  // their calls came before those that wait
    for (const Pending& pending : seat->abandon()) {
      answer(pending, cannot_run);
    }
  }
  for (const Pending& pending : lanes_.take_all()) {
    answer(pending, cannot_run);
  }
}

void Pool::hand_out(std::int64_t now_ms) {
  for (const auto& seat : seats_) {
    while (seat->idle()) {
      auto turn = lanes_.take(seat->apart(), now_ms);
      if (!turn) {
        break;
      }
      seat->give(std::move(*turn), now_ms);
    }
  }
  for (const Pending& pending : lanes_.take_refused(now_ms)) {
    metrics_.script_not_run.Increment();
    answer(pending, pending.refused);
  }
}

/// One who cannot be started leaves the others' work to them, and its own to nobody.
void Pool::give_up_where_nothing_runs(std::int64_t now_ms) {
  for (const bool apart : {false, true}) {
    const auto any = [&](auto question) {
      return std::any_of(seats_.begin(), seats_.end(), [&](const auto& seat) {
        return seat->apart() == apart && question(*seat);
      });
    };
    std::int64_t& ready_ms = ready_ms_.at(apart ? 1 : 0);
    if (any([](const Seat& seat) { return seat.ready(); })) {
      ready_ms = now_ms;
      continue;
    }
    const bool starting = any([](const Seat& seat) { return seat.starting(); });
    if (now_ms - ready_ms > options_.patience_ms + (starting ? start_most_ms : 0)) {
      for (const Pending& pending : lanes_.take_line(apart)) {
        answer(pending, cannot_run);
      }
    }
  }
}

void Pool::wait_for_something() {
  std::vector<pollfd> all{{wake_, POLLIN, 0}};
  std::vector<Seat*> seats;
  bool look_soon = false;
  for (const auto& seat : seats_) {
    look_soon = look_soon || (wanted_ && !seat->ready()) || seat->busy();
    if (const Process* process = seat->process()) {
      const short wanted = process->wants_to_write() ? POLLIN | POLLOUT : POLLIN;
      all.push_back({process->descriptor(), wanted, 0});
      seats.push_back(seat.get());
    }
  }
  poll(all.data(), all.size(), look_soon ? watch_ms : idle_look_ms);
  if (all.front().revents != 0) {
    eventfd_t woken = 0;
    eventfd_read(wake_, &woken);
  }
  const std::int64_t now_ms = steady_ms();
  for (std::size_t i = 0; i < seats.size(); ++i) {
    const short happened = all[i + 1].revents;
    if ((happened & POLLOUT) != 0) {
      seats[i]->on_writable(now_ms);
    }
    if ((happened & ~POLLOUT) != 0) {
      seats[i]->on_readable(now_ms);
    }
  }
  if (now_ms - watched_ms_ >= watch_ms) {
    watched_ms_ = now_ms;
    for (const auto& seat : seats_) {
      seat->watch(now_ms);
    }
  }
}

}  // namespace xgate::script
