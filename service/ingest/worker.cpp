// SPDX-License-Identifier: Apache-2.0
#include "service/ingest/worker.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

#include "service/ingest/commit.hpp"
#include "service/observe/log.hpp"
#include "service/store/lease.hpp"
#include "service/store/messages.hpp"

namespace xgate::ingest {
namespace {

/// They may be stored already, like what a broker delivers again.
void mark_redelivered(std::span<Received> batch) {
  for (Received& received : batch) {
    received.message.dup = true;
  }
}

}  // namespace

Worker::Worker(Options options, store::DatabaseState& state, std::unique_ptr<Processor> processor,
               Outbox outbox, std::function<void()> drained, observe::Metrics& metrics)
    : options_(std::move(options)),
      processor_(std::move(processor)),
      outbox_(std::move(outbox)),
      metrics_(metrics),
      database_(options_.conninfo, options_.name, options_.patience_ms, state, options_.broker),
      queue_(options_.queue_bound, std::move(drained), options_.queue_bytes),
      waiting_(metrics.queue_messages(options_.name)) {}

Worker::~Worker() {
  queue_.close();
  if (thread_.joinable()) {
    thread_.join();
  }
}

void Worker::start() {
  thread_ = std::thread([this] {
    run();
    if (options_.finished) {
      options_.finished();
    }
  });
}

void Worker::run() {
  auto next = std::chrono::steady_clock::now();
  while (true) {
    if (const auto left = next - std::chrono::steady_clock::now(); left.count() > 0) {
      (void)queue_.wait_closed(std::chrono::duration_cast<std::chrono::microseconds>(left));
    }
    std::vector<Received> batch = queue_.take(options_.batch_most, options_.batch_bytes);
    if (batch.empty()) {
      return;
    }
    const auto began = std::chrono::steady_clock::now();
    next = began + options_.pace;
    if (!work_off(batch)) {
      return;
    }
    metrics_.batch_messages.Observe(static_cast<double>(batch.size()));
    metrics_.batch_seconds.Observe(
        std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count());
  }
}

/// False: stopping, and a part of the batch stays with the broker. So must what comes after it, or
/// a device's later messages would be stored before its earlier ones.
bool Worker::work_off(std::span<Received> batch) {
  bool retry = true;
  std::int64_t wait_ms = 50;
  while (in_hand_ = batch.size(), !batch.empty()) {
    // Those behind it came under the same number or a newer one.
    const auto connection = database_.get(batch.front().fence);
    const Settled settled = connection ? attempt(**connection, batch) : Settled{};
    batch = batch.subspan(settled.count);
    if (settled.waiting && store::is_fenced_off(*settled.waiting)) {
      batch = leave(batch);
      continue;
    }
    if (settled.waiting && settled.waiting->outcome_unknown) {
      mark_redelivered(batch);
    }
    if (batch.empty() || settled.count > 0) {
      continue;
    }
    metrics_.batches_failed.Increment();
    const bool hangs = settled.waiting && settled.waiting->timed_out;
    if (connection && retry && !hangs) {
      retry = false;  // a connection that broke while idle says nothing about the database
      continue;
    }
    if (answer_while_away(batch)) {
      return true;
    }
    wait_ms = std::min<std::int64_t>(wait_ms * 2, 2000);
    if (queue_.wait_closed(std::chrono::milliseconds(wait_ms))) {
      return false;
    }
  }
  return true;
}

/// What came under a number that holds no more is the next consumer's, to which the broker delivers
/// it again: neither written nor acknowledged here.
std::span<Received> Worker::leave(std::span<Received> batch) {
  const auto mine =
      std::find_if(batch.begin(), batch.end(),
                   [old = batch.front().fence](const Received& one) { return one.fence != old; });
  const auto left = static_cast<std::size_t>(mine - batch.begin());
  observe::info("{}: {} messages are left to the service that consumes the broker now",
                observe::Words(options_.name), left);
  return batch.subspan(left);
}

bool Worker::answer_while_away(std::span<const Received> batch) {
  auto answer = processor_->while_away(batch);
  if (!answer) {
    return false;
  }
  outbox_(std::move(*answer));
  return true;
}

void Worker::measure() {
  waiting_.Set(static_cast<double>(queue_.size() + in_hand_ + processor_->held()));
}

/// Memory may be there again soon; a fault of ours will not go, and shall not hold up the rest for
/// long. False: stopping.
bool Worker::rest(int tries) {
  if (tries == 0) {
    observe::error("{}: the platform failed at a message, which is tried again",
                   observe::Words(options_.name));
  }
  return !queue_.wait_closed(std::chrono::milliseconds(50 << std::min(tries, 5)));
}

Settled Worker::attempt(pg::Connection& connection, std::span<const Received> batch) {
  const BatchSteps steps{
      .process =
          [&](std::span<const Received> part) { return processor_->process(connection, part); },
      .give_up =
          [&](const Received& message, const pg::Error& error) {
            return processor_->give_up(connection, message, error);
          },
      .prepare_again =
          [&] {
            // A day without its partition refuses every row of it.
            (void)commit_all(connection, metrics_,
                             {[&] { return store::make_partitions(connection); }});
          },
      .rest = [&](int tries) { return rest(tries); },
  };
  Settled settled = settle(batch, steps, outbox_);
  if (settled.waiting && !store::is_fenced_off(*settled.waiting)) {
    metrics_.database_errors.Increment();
    if (problem_ != settled.waiting->message) {  // once, not at every attempt
      problem_ = settled.waiting->message;
      observe::warn("{}: {} messages wait for the database: {}", observe::Words(options_.name),
                    batch.size() - settled.count, observe::Words(problem_));
    }
    database_.note(*settled.waiting);
  } else if (!settled.waiting && !problem_.empty()) {
    observe::info("{}: messages are stored again", observe::Words(options_.name));
    problem_.clear();
  }
  return settled;
}

}  // namespace xgate::ingest
