// SPDX-License-Identifier: Apache-2.0
#include "service/ingest/ticker.hpp"

#include "service/observe/log.hpp"
#include "service/store/ticks.hpp"

namespace xgate::ingest {
namespace {

constexpr std::chrono::milliseconds between_ticks{100};
/// Several services make no more ticks than one.
constexpr int least_apart_ms = 80;
constexpr std::chrono::seconds between_summaries{1};
/// Ample: a tick that is given up is made no sooner by the next attempt.
constexpr int ticker_patience_ms = 30'000;

}  // namespace

Ticker::Ticker(const std::string& database_url, const store::DatabaseState& state)
    : database_(database_url, "ticks", ticker_patience_ms, state) {}

Ticker::~Ticker() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Ticker::start() {
  thread_ = std::thread([this] { run(); });
}

bool Ticker::sleep() {
  std::unique_lock lock(mutex_);
  return !wake_.wait_for(lock, between_ticks, [this] { return stopping_; });
}

void Ticker::run() {
  while (sleep()) {
    const auto done = round();
    const std::string problem = done ? "" : done.error().message;
    // Of a database that is away others tell.
    if (!done && !done.error().connection_gone && problem != problem_) {
      observe::error("{}: {}", observe::Words(what_fails_), observe::Words(problem));
    }
    problem_ = problem;
  }
}

pg::Result<void> Ticker::round() {
  const auto connection = database_.get();
  if (!connection) return tl::unexpected(connection.error());
  what_fails_ = "no tick was made, so followers see nothing new";
  const auto made = store::make_tick(**connection, least_apart_ms);
  if (!made) {
    database_.note(made.error());
    return tl::unexpected(made.error());
  }
  unsummarized_ = unsummarized_ || *made;
  const auto now = std::chrono::steady_clock::now();
  if (!unsummarized_ || now - summarized_at_ < between_summaries) return {};
  unsummarized_ = false;
  summarized_at_ = now;
  what_fails_ = "the newest messages are not in their index yet, so reading takes longer";
  auto done = store::summarize_messages(**connection);
  if (!done) database_.note(done.error());
  return done;
}

}  // namespace xgate::ingest
