// SPDX-License-Identifier: Apache-2.0
#include "service/ingest/housekeeping.hpp"

#include <chrono>
#include <exception>
#include <utility>

#include "clock/unix_ms.hpp"
#include "protocol/session_key.hpp"
#include "service/firmware/orphans.hpp"
#include "service/ingest/commit.hpp"
#include "service/ingest/new_keys.hpp"
#include "service/observe/log.hpp"
#include "service/store/audit.hpp"
#include "service/store/dispatch.hpp"
#include "service/store/idempotency_keys.hpp"
#include "service/store/lease.hpp"
#include "service/store/messages.hpp"
#include "service/store/presence.hpp"
#include "service/store/session_keys.hpp"
#include "service/store/ticks.hpp"
#include "service/store/upgrades.hpp"

namespace xgate::ingest {
namespace {

constexpr std::chrono::seconds tick{1};
// What it does by the clock may take a while; the question whether the database answers may not.
constexpr int housekeeping_patience_ms = 60'000;
constexpr int pulse_patience_ms = 3'000;
constexpr std::int64_t partitions_every_ms = 60LL * 60 * 1000;
constexpr std::int64_t old_rows_every_ms = 60LL * 1000;
constexpr std::int64_t firmware_every_ms = 60LL * 60 * 1000;
constexpr std::int64_t keys_every_ms = 2000;
constexpr std::int64_t online_every_ms = 5000;
constexpr const char* lock_not_available = "55P03";
/// What is older than so many days is deleted.
std::int64_t kept_since_ms(std::int64_t days, std::int64_t now_ms) {
  constexpr std::int64_t a_day_ms = 24LL * 60 * 60 * 1000;
  return now_ms - days * a_day_ms;
}

constexpr std::int64_t sweep_overlap_ms = 60 * 1000LL;

}  // namespace

Housekeeping::Housekeeping(const config::Settings& settings, store::DatabaseState& state,
                           Consumer& consumer, observe::Metrics& metrics, Options options)
    : settings_(settings),
      policy_{settings.keys.tries, settings.keys.retry_s},
      state_(state),
      consumer_(consumer),
      metrics_(metrics),
      options_(std::move(options)) {}

Housekeeping::~Housekeeping() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    if (connection_) {
      connection_->cancel();
    }
  }
  wake_.notify_all();
  if (thread_.joinable()) {
    thread_.join();
  }
}

void Housekeeping::start() {
  thread_ = std::thread([this] { run(); });
}

void Housekeeping::connection_lost(bool taken_over) {
  {
    const std::lock_guard lock(mutex_);
    look_now_ = true;
    taken_over_ = taken_over_ || taken_over;
  }
  wake_.notify_all();
}

bool Housekeeping::sleep() {
  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, tick, [this] { return stopping_ || look_now_; });
  look_now_ = false;
  return !stopping_;
}

void Housekeeping::run() {
  do {
    const auto done = safe_round();
    if (wrong_schema_) {
      return;
    }
    state_.reachable = done.has_value();
    if (!done && done.error().timed_out && options_.on_hang) {
      options_.on_hang();
    }
    metrics_.database_connected.Set(done ? 1 : 0);
    if (done) {
      if (!problem_.empty()) {
        observe::info("the database is there");
        problem_.clear();
      }
    } else if (problem_ != done.error().message) {
      problem_ = done.error().message;
      observe::warn("the database: {}", observe::Words(problem_));
    }
    // Without the database nobody else can take the broker, and devices that ask for auth are to be
    // told to try again. Where it is away for us alone, the broker may tell whose session it is.
    if (was_taken_over() && !done) held_by_another_ = true;
    may_consume(leased_ || (!done && !held_by_another_));
  } while (sleep());
}

/// One that throws is one that failed: the next may not.
pg::Result<void> Housekeeping::safe_round() {
  try {
    return round();
  } catch (const std::exception& error) {
    return tl::unexpected(
        pg::Error{.sqlstate = "", .message = error.what(), .connection_gone = false});
  }
}

pg::Result<void> Housekeeping::round() {
  const bool was_open = connection_ && !connection_->is_gone();
  auto done = open_and_lease();
  if (!done && was_open && done.error().connection_gone && !done.error().timed_out) {
    // That it broke says nothing about the database, and whose the broker is must be known at once.
    done = open_and_lease();
  }
  const std::int64_t now_ms = clock::unix_ms();
  if (done) {
    done = partitions(now_ms);
  }
  if (done) {
    done = old_rows(now_ms);
  }
  if (done && leased_ && consumer_.uplinks_up()) {
    done = keys(now_ms);
  }
  if (done && leased_) {
    done = upgrades(now_ms);
  }
  if (done) {
    done = count_online(now_ms);
  }
  if (!done && (done.error().connection_gone || store::is_fenced_off(done.error()))) {
    leased_ = false;
  }
  return done;
}

pg::Result<void> Housekeeping::open() {
  if (connection_ && !connection_->is_gone()) {
    return {};
  }
  leased_ = false;  // it was the last connection's
  pg::Options options;
  options.application_name = "xgate housekeeping";
  options.connect_timeout_s = 2;
  options.answer_timeout_ms = housekeeping_patience_ms;
  options.idle_transaction_timeout_ms = store::idle_transaction_timeout_ms;
  auto opened = pg::Connection::open(settings_.database.url, options);
  if (!opened) {
    return tl::unexpected(opened.error());
  }
  auto fits = options_.check_schema(*opened);
  if (!fits) {
    if (!fits.error().connection_gone && fits.error().sqlstate.empty()) {
      wrong_schema_ = true;
      options_.on_wrong_schema(fits.error().message);
    }
    return fits;
  }
  const auto entered = store::enter_era(*opened);
  if (!entered) {
    return tl::unexpected(entered.error());
  }
  state_.schema_fits = true;
  const std::lock_guard lock(mutex_);
  connection_.emplace(std::move(*opened));
  return {};
}

pg::Result<void> Housekeeping::open_and_lease() {
  auto done = open();
  if (done) {
    done = lease();
  }
  if (!done && done.error().connection_gone) {
    leased_ = false;
  }
  return done;
}

pg::Result<void> Housekeeping::lease() {
  if (leased_) {
    if (auto done = still_leased(); !done || leased_) {
      return done;
    }
  }
  const auto taken = store::try_lease(*connection_, settings_.broker.id);
  if (!taken) {
    return tl::unexpected(taken.error());
  }
  if (!*taken) {
    left_to_another();
    return {};
  }
  return fence_off();
}

/// The lock lives as long as its connection: a question is enough to see whether that does. The
/// number is another one where the database is: an older state of it was restored.
pg::Result<void> Housekeeping::still_leased() {
  connection_->set_answer_timeout(pulse_patience_ms);
  const auto number = store::read_fence(*connection_, settings_.broker.id);
  if (!number) {
    return tl::unexpected(number.error());
  }
  connection_->set_answer_timeout(housekeeping_patience_ms);
  leased_ = *number == fence_;
  return {};
}

/// The lease is ours: nobody writes as this broker's consumer any more but under our number.
pg::Result<void> Housekeeping::fence_off() {
  const auto number = store::raise_fence(*connection_, settings_.broker.id, fence_);
  if (!number && number.error().sqlstate == lock_not_available) {
    if (!waits_for_writers_) {
      observe::warn(
          "broker {} is ours once the service that consumed it has ended its transactions",
          observe::Quoted(settings_.broker.id));
    }
    waits_for_writers_ = held_by_another_ = true;
    return {};
  }
  if (!number) {
    return tl::unexpected(number.error());
  }
  if (*number != fence_) {
    may_consume(false);  // what came under another number is delivered again
    fence_ = *number;
  }
  connection_->guard(store::fence_guard(settings_.broker.id, fence_));
  // before on_may_consume, which connects
  auto epoch = store::broker_epoch(*connection_, settings_.broker.id);
  if (!epoch) {
    return tl::unexpected(epoch.error());
  }
  consumer_.stored_life(*epoch);
  if (held_by_another_) {
    observe::info("broker {} is ours now", observe::Quoted(settings_.broker.id));
  }
  leased_ = true;
  waits_for_writers_ = held_by_another_ = false;
  return {};
}

void Housekeeping::left_to_another() {
  if (fence_ != 0) {
    observe::warn(
        "another service has taken over broker {}: nothing more is written or acknowledged "
        "here, and what was in hand is delivered to it; waiting until it ends",
        observe::Quoted(settings_.broker.id));
  } else if (!held_by_another_) {
    observe::warn("another service consumes broker {}: waiting until it ends",
                  observe::Quoted(settings_.broker.id));
  }
  fence_ = 0;
  held_by_another_ = true;
  waits_for_writers_ = false;
}

/// Ticks and then partitions that are older than what is kept: a step at a time, as old_commands().
pg::Result<void> Housekeeping::partitions(std::int64_t now_ms) {
  if (now_ms - partitions_at_ms_ < partitions_every_ms && now_ms >= partitions_at_ms_) {
    return {};
  }
  const auto done = store::maintain_partitions(
      *connection_, {settings_.messages.retention_days, settings_.history.retention_days});
  if (!done) {
    return tl::unexpected(done.error());
  }
  if (*done) {
    partitions_at_ms_ = now_ms;
  }
  return {};
}

/// A step at a time: each round deletes what one statement may, as long as there is some.
pg::Result<void> Housekeeping::old_rows(std::int64_t now_ms) {
  if (now_ms - old_rows_at_ms_ < old_rows_every_ms && now_ms >= old_rows_at_ms_) {
    return {};
  }
  const auto deleted =
      store::delete_settled(*connection_, kept_since_ms(settings_.messages.retention_days, now_ms));
  if (!deleted) {
    return tl::unexpected(deleted.error());
  }
  const auto forgotten = store::forget_answers(*connection_, now_ms);
  if (!forgotten) {
    return tl::unexpected(forgotten.error());
  }
  const auto unlisted =
      store::forget_audit(*connection_, kept_since_ms(settings_.audit.retention_days, now_ms));
  if (!unlisted) {
    return tl::unexpected(unlisted.error());
  }
  if (*deleted == 0 && *forgotten == 0 && *unlisted == 0) {
    old_rows_at_ms_ = now_ms;
  }
  return {};
}

pg::Result<void> Housekeeping::keys(std::int64_t now_ms) {
  if (now_ms - keys_at_ms_ < keys_every_ms && now_ms >= keys_at_ms_) {
    return {};
  }
  keys_at_ms_ = now_ms;
  auto seen = commit_all(*connection_, metrics_,
                         {[&] { return store::broker_seen(*connection_, settings_.broker.id); }});
  if (!seen) {
    return seen;
  }
  if (auto done = replace_expired_keys(now_ms); !done) {
    return done;
  }
  expired_until_ms_ = now_ms - sweep_overlap_ms;  // what was committed late is seen next time
  return {};
}

/// A count, not a sum of events: whatever was missed, it is right again soon. Of a broker that
/// another service consumes, that one tells.
pg::Result<void> Housekeeping::count_online(std::int64_t now_ms) {
  if (!leased_) {
    metrics_.devices_online.Set(0);
    return {};
  }
  if (now_ms - online_at_ms_ < online_every_ms && now_ms >= online_at_ms_) {
    return {};
  }
  const auto online = store::count_online(*connection_, settings_.broker.id);
  if (!online) {
    return tl::unexpected(online.error());
  }
  online_at_ms_ = now_ms;
  metrics_.devices_online.Set(static_cast<double>(*online));
  return {};
}

/// KEY-1's reading: a device that stays connected gets its new key too.
pg::Result<void> Housekeeping::replace_expired_keys(std::int64_t now_ms) {
  const auto expired =
      store::expired_keys_of_online(*connection_, settings_.broker.id, expired_until_ms_, now_ms);
  if (!expired || expired->empty()) {
    return expired ? pg::Result<void>{} : tl::unexpected(expired.error());
  }
  std::vector<store::NewKey> keys;
  for (const store::ExpiredKey& old : *expired) {
    keys.push_back(flows::new_update_key(old.device_id,
                                         {protocol::new_session_id(), protocol::new_nonce()},
                                         old.key_lifetime_s, policy_, now_ms));
  }
  Tally tally;
  auto done = commit_all(*connection_, metrics_,
                         {[&] { return store_new_keys(*connection_, keys, tally); }});
  if (done) {
    tally.count(metrics_);
    consumer_.commands_due();
  }
  return done;
}

/// OTA-3's time limits, a bounded number a round; and now and then what is left over.
pg::Result<void> Housekeeping::upgrades(std::int64_t now_ms) {
  pg::Result<std::int64_t> ended = 0;
  auto done = commit_all(*connection_, metrics_, {[&] {
    ended = store::end_overdue_upgrades(*connection_, now_ms);
    return ended ? pg::Result<void>{} : tl::unexpected(ended.error());
  }});
  if (!done) {
    return done;
  }
  if (*ended > 0) {
    observe::info("{} upgrades are over their time limit", *ended);
  }
  const bool due = now_ms - firmware_at_ms_ >= firmware_every_ms || now_ms < firmware_at_ms_;
  if (!due) {
    return {};
  }
  constexpr std::int64_t week_ms = 7LL * 24 * 60 * 60 * 1000;
  done = commit_all(
      *connection_, metrics_,
      {[&] {
         return store::forget_former_down_ids(
             *connection_, kept_since_ms(settings_.messages.retention_days, now_ms));
       },
       [&] { return store::forget_former_session_keys(*connection_, now_ms - week_ms); }});
  if (!done) {
    return done;
  }
  firmware_at_ms_ = now_ms;
  if (options_.firmware == nullptr) {
    return {};
  }
  return firmware::remove_orphans(*connection_, *options_.firmware);
}

void Housekeeping::may_consume(bool may) {
  if (told_may_consume_ != may) {
    told_may_consume_ = may;
    options_.on_may_consume(may, fence_);
  }
}

bool Housekeeping::was_taken_over() {
  const std::lock_guard lock(mutex_);
  return std::exchange(taken_over_, false);
}

}  // namespace xgate::ingest
