// SPDX-License-Identifier: Apache-2.0
#include "service/api/workers.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "service/observe/log.hpp"
#include "service/store/schema.hpp"
#include "service/store/ticks.hpp"
#include "service/store/tokens.hpp"

namespace xgate::api {
namespace {

constexpr std::size_t max_jobs = 2000;
constexpr std::chrono::seconds retry_delay{1};

pg::Options connection_options() {
  pg::Options options;
  options.application_name = "xgate-api";
  options.connect_timeout_s = 3;
  options.statement_timeout_ms = 30'000;
  options.answer_timeout_ms = 40'000;
  return options;
}

}  // namespace

Workers::Workers(int threads, std::string conninfo, std::string token_file)
    : threads_(threads), conninfo_(std::move(conninfo)), token_file_(std::move(token_file)) {}

Workers::~Workers() {
  stop();
  join();
}

void Workers::start() {
  for (int i = 0; i < threads_; ++i) {
    auto& worker = workers_.emplace_back();
    worker.thread = std::thread([this, &worker] { run(worker); });
  }
}

bool Workers::post(Job job) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || jobs_.size() >= max_jobs) return false;
    jobs_.push_back(std::move(job));
  }
  wake_.notify_all();  // not everyone may take it
  return true;
}

std::string Workers::away() {
  const std::lock_guard lock(mutex_);
  return any_connected() ? std::string() : away_;
}

void Workers::give_up_connections() {
  const std::lock_guard lock(mutex_);
  for (auto& worker : workers_) {
    if (worker.connection) worker.connection->cancel();
  }
}

void Workers::stop() {
  std::deque<Job> dropped;  // their captures end outside the lock
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    dropped.swap(jobs_);
    for (auto& worker : workers_) {
      if (worker.connection) worker.connection->cancel();
    }
  }
  wake_.notify_all();
}

void Workers::join() {
  for (auto& worker : workers_) {
    if (worker.thread.joinable()) worker.thread.join();
  }
}

bool Workers::any_connected() const {
  return std::any_of(workers_.begin(), workers_.end(),
                     [](const Worker& worker) { return worker.connection.has_value(); });
}

/// A job; nothing when it is time to stop, or when there is none for a while. Who has no connection
/// leaves the jobs to those who have.
std::optional<Workers::Job> Workers::next(const Worker& worker) {
  std::unique_lock lock(mutex_);
  const auto mine = [&] {
    return !jobs_.empty() && (worker.connection.has_value() || !any_connected());
  };
  wake_.wait_for(lock, retry_delay, [&] { return stopping_ || mine(); });
  if (stopping_ || !mine()) return std::nullopt;
  auto job = std::move(jobs_.front());
  jobs_.pop_front();
  return job;
}

void Workers::run(Worker& worker) {
  for (;;) {
    // Also without a job: the first token must not wait for a request, and /readyz tells at once.
    ensure_connected(worker);
    auto job = next(worker);
    if (job) {
      ensure_connected(worker);
      (*job)(worker.connection ? &*worker.connection : nullptr, away());
      if (worker.connection && worker.connection->is_gone()) {
        disconnect(worker, "the connection was lost");
      }
      continue;
    }
    const std::lock_guard lock(mutex_);
    if (stopping_) break;
  }
  disconnect(worker, "stopping");
}

void Workers::ensure_connected(Worker& worker) {
  if (worker.connection) {
    // Reads nothing but the end of a connection that the server closed meanwhile: a server that is
    // shut down says so first, and the end comes with the second look.
    auto alive = worker.connection->wait_notifications(0);
    if (alive) alive = worker.connection->wait_notifications(0);
    if (alive) return;
    disconnect(worker, alive.error().message);
  }
  if (std::chrono::steady_clock::now() < worker.retry_at) return;
  auto opened = pg::Connection::open(conninfo_, connection_options());
  auto prepared = opened ? prepare(*opened) : pg::Result<void>(tl::unexpected(opened.error()));
  if (!prepared) {
    worker.retry_at = std::chrono::steady_clock::now() + retry_delay;
    if (!away_told_.exchange(true))
      observe::warn("api: the database cannot be used: {}",
                    observe::Words(prepared.error().message));
    const std::lock_guard lock(mutex_);
    away_ = prepared.error().message;
    return;
  }
  if (away_told_.exchange(false)) observe::info("api: the database can be used again");
  const std::lock_guard lock(mutex_);
  if (stopping_) return;
  worker.connection = std::move(*opened);
}

pg::Result<void> Workers::prepare(pg::Connection& connection) {
  if (auto schema = store::check_schema(connection); !schema) return schema;
  if (auto entered = store::enter_era(connection); !entered) {
    return tl::unexpected(entered.error());
  }
  if (token_seen_) return {};
  auto made = store::ensure_first_token(connection, token_file_);
  if (!made) return tl::unexpected(std::move(made).error());
  token_seen_ = true;
  if (*made) observe::info("api: the first token was written to {}", observe::Quoted(token_file_));
  // as after a purge and a new installation on the old database
  if (std::error_code unknown; !*made && !std::filesystem::exists(token_file_, unknown)) {
    observe::warn(
        "api: the database knows valid tokens, and {} is not there: use one of them with "
        "--token-file, or revoke all "
        "(operations.md, \"Tokens\") and start again, and a new one is written there",
        observe::Quoted(token_file_));
  }
  return {};
}

void Workers::disconnect(Worker& worker, std::string why) {
  std::optional<pg::Connection> closing;
  const std::lock_guard lock(mutex_);
  away_ = std::move(why);
  closing.swap(worker.connection);
  wake_.notify_all();  // the jobs may be theirs now who have no connection either
}

}  // namespace xgate::api
