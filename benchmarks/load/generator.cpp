// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/load/generator.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <ctime>
#include <system_error>

#include <arpa/inet.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include "benchmarks/load/processor_time.hpp"

namespace xgate::benchmarks {
namespace {

constexpr std::int64_t second_ns = 1'000'000'000;
constexpr std::int64_t look_every_ns = 50'000'000;  // at time-outs, pings and what connects again
constexpr std::size_t read_size = std::size_t{256} * 1024;

std::int64_t ns(double seconds) { return static_cast<std::int64_t>(seconds * 1e9); }

/// Descriptors for that many connections; what this process may have at most.
std::size_t allow_descriptors(std::size_t wanted) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return wanted;
  limit.rlim_cur =
      std::clamp<rlim_t>(wanted, limit.rlim_cur, std::max(limit.rlim_max, limit.rlim_cur));
  ::setrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur;
}

}  // namespace

std::int64_t monotonic_ns() noexcept {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * second_ns + time.tv_nsec;
}

Generator::Generator(const Options& options, const DeviceList& devices, MessageLog& log,
                     const std::atomic<bool>& stop)
    : options_(options),
      devices_(devices),
      log_(log),
      stop_(stop),
      reports_(options.payload, options.body, options.topic),
      random_(std::random_device{}()),
      version_(options.mqtt5 ? mqtt::Version::v5 : mqtt::Version::v311),
      buffer_(read_size),
      next_device_(options.skip),
      next_message_id_(options.first_message_id) {}

Generator::~Generator() {
  for (const auto& c : connections_)
    if (c->socket >= 0) ::close(c->socket);
  if (epoll_ >= 0) ::close(epoll_);
}

tl::expected<Result, std::string> Generator::run() {
  begin();
  while (problem_.empty() && phase_ != Phase::over) round();
  if (!problem_.empty()) return tl::unexpected(problem_);
  finish();
  return std::move(result_);
}

void Generator::begin() {
  broker_.sin_family = AF_INET;
  broker_.sin_port = htons(options_.port);
  constexpr std::size_t spare = 64;
  if (::inet_pton(AF_INET, options_.host.c_str(), &broker_.sin_addr) != 1) {
    problem_ = "--host is no IPv4 address";
  } else if (devices_.size() < options_.skip + options_.connections) {
    problem_ = "there are fewer devices than --skip and --connections want";
  } else if (allow_descriptors(options_.connections + spare) < options_.connections + spare) {
    problem_ = "this process may not open that many connections (ulimit -n)";
  }
  epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  for (std::size_t i = 0; i < options_.connections; ++i) {
    connections_.push_back(std::make_unique<Connection>());
    connections_.back()->number = i;
  }
  now_ns_ = monotonic_ns();
  // nobody has to be connected before a connect storm
  if (options_.mode == Mode::connect) {
    change_phase(options_.warmup_s > 0 ? Phase::warmup : Phase::measured);
  } else {
    change_phase(Phase::ramp);
  }
}

void Generator::round() {
  wait();
  look_at_clock();
  if (now_ns_ - looked_ns_ >= look_every_ns) {
    looked_ns_ = now_ns_;
    look_at_each();
    progress();
  }
  keep_connecting();
  begin_operations();
  if (!write_all())
    problem_ = "the log cannot be written: " + std::generic_category().message(errno);
}

void Generator::wait() {
  constexpr int events_at_once = 512;
  std::array<epoll_event, events_at_once> events{};
  std::int64_t most = look_every_ns;
  if (pace_ && may_begin())
    most = std::clamp<std::int64_t>(pace_->next() - monotonic_ns(), 0, most);
  const timespec timeout{.tv_sec = 0, .tv_nsec = most};
  // nanoseconds: an open loop that is a millisecond late would measure itself
  const int count = ::epoll_pwait2(epoll_, events.data(), events_at_once, &timeout, nullptr);
  now_ns_ = monotonic_ns();
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    on_event(*static_cast<Connection*>(event.data.ptr), event.events);
  }
}

void Generator::look_at_clock() {
  const std::int64_t in_phase = now_ns_ - phase_began_ns_;
  const bool counted = options_.count > 0 && begun_ >= options_.count;
  if (stop_.load(std::memory_order_relaxed) && phase_ < Phase::drain) {
    result_.ended = "signal";
    change_phase(Phase::drain);
  }
  switch (phase_) {
    case Phase::ramp:
      if (ready_ == connections_.size() || in_phase >= ns(options_.ramp_s))
        change_phase(options_.warmup_s > 0 ? Phase::warmup : Phase::measured);
      break;
    case Phase::warmup:
      if (in_phase >= ns(options_.warmup_s)) change_phase(Phase::measured);
      break;
    case Phase::measured:
      if (options_.duration_s > 0 && in_phase >= ns(options_.duration_s)) {
        result_.ended = "duration";
        change_phase(Phase::drain);
      } else if (counted && under_way_ == 0) {
        result_.ended = "count";
        change_phase(Phase::drain);
      }
      break;
    case Phase::drain:
      if (under_way_ == 0 || in_phase >= ns(options_.drain_s)) change_phase(Phase::over);
      break;
    case Phase::over:
      break;
  }
}

void Generator::change_phase(Phase next) {
  const auto used = [this] {
    std::vector<double> seconds{processor_seconds(::getpid())};
    for (const auto& watched : options_.watched) seconds.push_back(processor_seconds(watched.pid));
    return seconds;
  };
  if (next == Phase::measured) {
    processor_began_ = used();
    result_.operations = 0;
  }
  if (phase_ == Phase::measured) {
    const std::vector<double> now = used();
    for (std::size_t i = 0; i < now.size(); ++i)
      result_.processor_seconds.emplace_back(i == 0 ? "generator" : options_.watched[i - 1].name,
                                             now[i] - processor_began_[i]);
    result_.seconds = static_cast<double>(monotonic_ns() - phase_began_ns_) / 1e9;
  }
  phase_ = next;
  phase_began_ns_ = now_ns_ = monotonic_ns();
  if (!pace_ && options_.rate > 0 && may_begin()) pace_.emplace(options_.rate, now_ns_);
}

bool Generator::may_begin() const noexcept {
  return (phase_ == Phase::warmup || phase_ == Phase::measured) &&
         (options_.count == 0 || begun_ < options_.count);
}

void Generator::begin_operations() {
  if (!may_begin() || options_.mode == Mode::connect) return;
  if (pace_) {
    begin_open();
  } else if (phase_began_ns_ == now_ns_ || looked_ns_ == now_ns_) {
    begin_closed();  // the rest is begun as others are done
  }
}

void Generator::begin_closed() {
  for (const auto& c : connections_)
    while (c->state == State::ready && c->under_way.size() < options_.window && may_begin())
      say(*c, monotonic_ns());
}

void Generator::begin_open() {
  constexpr std::size_t a_round = 1000;  // so that answers are read between
  for (std::size_t i = 0; i < a_round && may_begin() && pace_->due(now_ns_); ++i) {
    std::size_t looked = 0;
    while (looked < connections_.size() &&
           connections_[turn_ % connections_.size()]->state != State::ready) {
      ++turn_;
      ++looked;
    }
    if (looked == connections_.size()) return;  // it stays due
    say(*connections_[turn_++ % connections_.size()], pace_->take());
  }
}

/// Time-outs and pings.
void Generator::look_at_each() {
  const std::int64_t patience = ns(options_.ack_timeout_s);
  const std::int64_t quiet = second_ns * options_.keepalive_s / 2;
  for (const auto& held : connections_) {
    Connection& c = *held;
    if (c.state == State::idle) continue;
    if (c.state != State::ready) {
      if (now_ns_ - c.login.begun_ns > patience) lost(c, true);
      continue;
    }
    const auto late = [&](const Operation& one) { return now_ns_ - one.begun_ns > patience; };
    const std::size_t gone = std::erase_if(c.under_way, late);
    result_.counters.timed_out += gone;
    under_way_ -= gone;
    if (quiet > 0 && now_ns_ - c.wrote_ns > quiet) {
      mqtt::encode_pingreq(c.out);
      mark_dirty(c);
    }
  }
}

bool Generator::write_all() {
  if (!log_.flush()) return false;
  std::vector<Connection*> dirty;
  dirty.swap(dirty_);
  for (Connection* c : dirty) {
    c->dirty = false;
    if (c->socket >= 0 && c->state != State::connecting && !c->blocked) write(*c);
  }
  return true;
}

void Generator::progress() {
  static const bool terminal = ::isatty(STDERR_FILENO) != 0;
  if (!terminal || now_ns_ - shown_ns_ < second_ns) return;
  shown_ns_ = now_ns_;
  const Counters& all = result_.counters;
  std::fprintf(
      stderr, "\r\x1b[K%s  %zu connected  %llu logins  %llu sent  %llu acked  %llu refused",
      phase_ == Phase::ramp ? "connecting" : "running", ready_,
      static_cast<unsigned long long>(all.logins), static_cast<unsigned long long>(all.sent),
      static_cast<unsigned long long>(all.acked), static_cast<unsigned long long>(all.refused));
  if (phase_ == Phase::drain) std::fputc('\n', stderr);
}

void Generator::finish() {
  for (const auto& c : connections_) {
    result_.counters.unanswered += c->under_way.size();
    if (c->state != State::ready) continue;
    mqtt::encode_disconnect(0, version_, c->out);
    write(*c);
  }
}

}  // namespace xgate::benchmarks
