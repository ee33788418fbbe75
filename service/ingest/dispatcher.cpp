// SPDX-License-Identifier: Apache-2.0
#include "service/ingest/dispatcher.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

#include "link/address.hpp"
#include "protocol/topic.hpp"
#include "service/flows/command_frame.hpp"
#include "service/ingest/commit.hpp"
#include "service/ingest/tally.hpp"
#include "service/observe/log.hpp"
#include "service/store/commands.hpp"
#include "service/store/dispatch.hpp"
#include "service/store/lease.hpp"
#include "service/store/session_keys.hpp"

namespace xgate::ingest {
namespace {

constexpr std::chrono::seconds look_every{1};
constexpr std::int64_t expire_every_ms = 1000;
constexpr int dispatch_patience_ms = 30'000;
constexpr int batch_most = 500;
constexpr std::int64_t longest_expiry_s = 0xffffffff;
// Beyond this the broker is slower than we are, and the database is the better place to wait in.
constexpr int in_flight_most = 2000;

}  // namespace

Dispatcher::Dispatcher(Options options, store::DatabaseState& state, observe::Metrics& metrics,
                       Clock clock)
    : options_(std::move(options)),
      metrics_(metrics),
      clock_(std::move(clock)),
      database_(options_.conninfo, "commands", dispatch_patience_ms, state, options_.broker) {}

Dispatcher::~Dispatcher() {
  close();
  if (thread_.joinable()) {
    thread_.join();
  }
}

void Dispatcher::start() {
  thread_ = std::thread([this] {
    run();
    if (options_.finished) {
      options_.finished();
    }
  });
}

void Dispatcher::wake() {
  {
    const std::lock_guard lock(mutex_);
    due_ = true;
  }
  wake_.notify_one();
}

void Dispatcher::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  wake_.notify_all();
}

/// False: closed.
bool Dispatcher::wait() {
  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, look_every, [this] { return due_ || closed_; });
  due_ = false;
  return !closed_;
}

void Dispatcher::run() {
  while (wait()) {
    look();
  }
  if (const auto connection = database_.get(fence_)) {
    (void)note_taken(**connection, clock_());  // else the next start sends them again
  }
}

/// One look that fails, or throws, says nothing about the next.
void Dispatcher::look() {
  if (const std::int64_t fence = options_.fence(); fence != fence_) {
    consume_anew(fence);
  }
  if (fence_ == 0) {
    return;  // another's broker
  }
  const auto connection = database_.get(fence_);
  if (!connection) {
    return;  // told by Database
  }
  pg::Result<void> done;
  try {
    done = round(**connection);
  } catch (const std::exception& error) {
    done = tl::unexpected(
        pg::Error{.sqlstate = "", .message = error.what(), .connection_gone = false});
  }
  if (done) {
    problem_.clear();
    return;
  }
  if (store::is_fenced_off(done.error())) {
    return;  // told by whoever holds the lease
  }
  metrics_.database_errors.Increment();
  if (problem_ != done.error().message) {
    problem_ = done.error().message;
    observe::warn("commands: {}", observe::Words(problem_));
  }
  database_.note(done.error());
}

pg::Result<void> Dispatcher::round(pg::Connection& connection) {
  const std::int64_t now_ms = clock_();
  if (auto done = note_taken(connection, now_ms); !done) return done;
  if (auto done = send_untaken(connection, now_ms); !done) return done;
  if (auto done = take_back_undelivered(connection, now_ms); !done) return done;
  if (now_ms - expired_at_ms_ >= expire_every_ms || now_ms < expired_at_ms_) {
    expired_at_ms_ = now_ms;
    if (auto done = end_overdue(connection, now_ms); !done) return done;
  }
  while (options_.ready() && in_flight_ < in_flight_most) {
    const auto more = send_due(connection, clock_());  // what they have left is of now
    if (!more) return tl::unexpected(more.error());
    if (!*more) break;
  }
  return {};
}

/// Those whose time to live is over, and new keys that the device does not use (KEY-1).
pg::Result<void> Dispatcher::end_overdue(pg::Connection& connection, std::int64_t now_ms) {
  using Ids = std::vector<std::int64_t>;
  pg::Result<Ids> failed;
  pg::Result<std::vector<store::CommandRef>> expired;
  auto done = commit_all(connection, metrics_,
                         {[&] {
                            failed =
                                store::fail_key_updates(connection, options_.keys.tries, now_ms);
                            return failed ? pg::Result<void>{} : tl::unexpected(failed.error());
                          },
                          [&] {
                            expired = store::expire_commands(connection, now_ms);
                            return expired ? pg::Result<void>{} : tl::unexpected(expired.error());
                          }});
  if (!done) return done;
  metrics_.commands(protocol::CommandKind::key_update, protocol::CommandState::failed)
      .Increment(static_cast<double>(failed->size()));
  Ids ids = std::move(*failed);
  for (const auto& command : *expired) {
    metrics_.commands(command.kind, protocol::CommandState::expired).Increment();
    ids.push_back(command.command_id);
  }
  if (!ids.empty() && options_.settled) options_.settled(ids);
  return {};
}

/// Of a Command 3: there is no answer to it, the device just uses the new key.
std::optional<std::int64_t> Dispatcher::sent_again_at(const store::DueCommand& command,
                                                      std::int64_t now_ms) const {
  if (command.kind != protocol::CommandKind::key_update) return std::nullopt;
  return options_.keys.again_at(command.tries + 1, now_ms);
}

/// Without its payload. It is for this session alone, and not once its time is over.
mqtt::Publish Dispatcher::message_of(const store::DueCommand& command,
                                     const store::DueBatch::To& to, std::int64_t now_ms) const {
  mqtt::Publish message;
  message.topic = protocol::build_topic(command.topic, protocol::view(to.device), command.service);
  if (options_.reads_addresses()) {
    message.topic = link::addressed_topic(to.session, command.command_id, message.topic);
  }
  // Mosquitto counts whole seconds from the one that it is in, and sends in the last one too. What
  // has less than two left must not wait there at all.
  const std::int64_t left_s = (command.expires_at_ms - now_ms) / 1000 - 1;
  message.qos = left_s < 1 ? 0 : command.qos;
  message.expiry_s =
      static_cast<std::uint32_t>(std::clamp<std::int64_t>(left_s, 1, longest_expiry_s));
  return message;
}

/// True: there may be more.
pg::Result<bool> Dispatcher::send_due(pg::Connection& connection, std::int64_t now_ms) {
  auto transaction = pg::Transaction::begin(connection);
  if (!transaction) return tl::unexpected(transaction.error());
  const int room = std::max(1, std::min(batch_most, in_flight_most - in_flight_.load()));
  auto due = store::take_due(connection, options_.broker,
                             {.commands = room, .key_update_tries = options_.keys.tries}, now_ms);
  if (!due) return tl::unexpected(due.error());
  std::vector<Delivery> deliveries;
  std::vector<store::SentCommand> sent;
  Tally newly_sent;
  std::vector<std::int64_t> put_off;
  for (const store::DueCommand& command : due->commands) {
    const auto& to = due->devices.at(command.device_id);
    auto frame = flows::command_frame(command, due->keys[command.device_id], to.sealing, aes_);
    if (!frame) {  // it has no session key: it asks for one, and logs in again (AUTH-3)
      put_off.push_back(command.command_id);
      continue;
    }
    Delivery delivery;
    delivery.message = message_of(command, to, now_ms);
    delivery.message.payload = std::move(*frame);
    delivery.done = [this, id = command.command_id, fence = fence_](bool delivered) {
      handed_over(id, fence, delivered);
    };
    deliveries.push_back(std::move(delivery));
    sent.push_back({.command_id = command.command_id,
                    .session = to.session,
                    .again_at_ms = sent_again_at(command, now_ms),
                    .session_key_id = command.session_key_id});
    if (command.state == protocol::CommandState::queued) {
      newly_sent.add(command.kind, protocol::CommandState::sent, 1);
    }
  }
  if (auto done = store::mark_sent(connection, sent, now_ms); !done) {
    return tl::unexpected(done.error());
  }
  if (auto done = store::put_off(connection, put_off); !done) {
    return tl::unexpected(done.error());
  }
  in_flight_ += static_cast<int>(deliveries.size());
  if (auto done = commit(*transaction, metrics_); !done) {
    // Where the answer got lost they may stand as sent.
    for (const Delivery& delivery : deliveries) delivery.done(false);
    return tl::unexpected(done.error());
  }
  newly_sent.count(metrics_);
  if (!deliveries.empty()) {
    options_.send(std::move(deliveries));
  }
  return due->more;
}

/// On the network thread, or where nothing was sent.
void Dispatcher::handed_over(std::int64_t command_id, std::int64_t fence, bool delivered) {
  // That the broker has them is noted once for all that were under way; an undelivered one waits
  // for the look that comes by itself.
  bool wakes = false;
  {
    const std::lock_guard lock(mutex_);
    if (fence != fence_) {
      return;  // whoever consumed the broker since has looked for it
    }
    const int before = in_flight_--;
    wakes = before >= in_flight_most || (delivered && before == 1);
    (delivered ? taken_ : undelivered_).push_back(command_id);
    due_ = due_ || wakes;
  }
  if (wakes) {
    wake_.notify_one();
  }
}

/// Others may have consumed the broker in between: what was under way before says nothing any more.
void Dispatcher::consume_anew(std::int64_t fence) {
  const std::lock_guard lock(mutex_);
  fence_ = fence;
  in_flight_ = 0;
  taken_.clear();
  undelivered_.clear();
  untaken_sent_ = false;
}

pg::Result<void> Dispatcher::send_untaken(pg::Connection& connection, std::int64_t now_ms) {
  if (untaken_sent_) return {};
  auto done =
      commit_all(connection, metrics_,
                 {[&] { return store::send_untaken(connection, options_.broker, now_ms); }});
  untaken_sent_ = done.has_value();
  return done;
}

pg::Result<void> Dispatcher::note_taken(pg::Connection& connection, std::int64_t now_ms) {
  std::vector<std::int64_t> ids;
  {
    const std::lock_guard lock(mutex_);
    ids = taken_;
  }
  if (ids.empty()) return {};
  auto done = commit_all(connection, metrics_,
                         {[&] { return store::mark_taken(connection, ids, now_ms); }});
  if (!done) return done;
  const std::lock_guard lock(mutex_);
  taken_.erase(taken_.begin(), taken_.begin() + static_cast<std::ptrdiff_t>(ids.size()));
  return {};
}

/// What the broker did not take is due again; the device may get it twice.
pg::Result<void> Dispatcher::take_back_undelivered(pg::Connection& connection,
                                                   std::int64_t now_ms) {
  std::vector<std::int64_t> ids;
  {
    const std::lock_guard lock(mutex_);
    ids = undelivered_;
  }
  if (ids.empty()) return {};
  auto done = commit_all(connection, metrics_,
                         {[&] { return store::send_again(connection, ids, now_ms); }});
  if (!done) return done;
  const std::lock_guard lock(mutex_);
  undelivered_.erase(undelivered_.begin(),
                     undelivered_.begin() + static_cast<std::ptrdiff_t>(ids.size()));
  return {};
}

}  // namespace xgate::ingest
