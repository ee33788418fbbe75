// SPDX-License-Identifier: Apache-2.0
#include "service/ingest/housekeeping.hpp"

#include <chrono>
#include <exception>
#include <utility>

#include <spdlog/spdlog.h>

#include "clock/unix_ms.hpp"
#include "protocol/session_key.hpp"
#include "service/firmware/orphans.hpp"
#include "service/ingest/commit.hpp"
#include "service/ingest/new_keys.hpp"
#include "service/store/dispatch.hpp"
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
constexpr std::int64_t commands_every_ms = 60LL * 1000;
constexpr std::int64_t firmware_every_ms = 60LL * 60 * 1000;
constexpr std::int64_t keys_every_ms = 2000;
constexpr std::int64_t online_every_ms = 5000;
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

bool Housekeeping::sleep() {
  std::unique_lock lock(mutex_);
  return !wake_.wait_for(lock, tick, [this] { return stopping_; });
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
        spdlog::info("the database is there");
        problem_.clear();
      }
    } else if (problem_ != done.error().message) {
      problem_ = done.error().message;
      spdlog::warn("the database: {}", problem_);
    }
    // Without the database nobody can take the broker from us, and devices that ask for auth are
    // to be told to try again.
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
  if (auto opened = open(); !opened) {
    leased_ = false;
    return opened;
  }
  const std::int64_t now_ms = clock::unix_ms();
  auto done = lease();
  if (done) {
    done = partitions(now_ms);
  }
  if (done) {
    done = old_commands(now_ms);
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
  if (!done && done.error().connection_gone) {
    leased_ = false;
  }
  return done;
}

pg::Result<void> Housekeeping::open() {
  if (connection_ && !connection_->is_gone()) {
    return {};
  }
  pg::Options options;
  options.application_name = "xgate housekeeping";
  options.connect_timeout_s = 2;
  options.answer_timeout_ms = housekeeping_patience_ms;
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
  if (*entered) {
    spdlog::info(
        "this database is a restored one, or another took its place: readers' positions hold, as "
        "far as "
        "it has what they had read");
  }
  state_.schema_fits = true;
  const std::lock_guard lock(mutex_);
  connection_.emplace(std::move(*opened));
  return {};
}

pg::Result<void> Housekeeping::lease() {
  if (leased_) {
    return still_leased();
  }
  const auto taken = store::try_lease(*connection_, settings_.broker.id);
  if (!taken) {
    return tl::unexpected(taken.error());
  }
  if (*taken) {
    // before on_may_consume, which connects
    auto epoch = store::broker_epoch(*connection_, settings_.broker.id);
    if (!epoch) {
      return tl::unexpected(epoch.error());
    }
    consumer_.stored_life(*epoch);
  }
  leased_ = *taken;
  if (!*taken && !held_by_another_) {
    spdlog::warn("another service consumes broker \"{}\": waiting until it ends",
                 settings_.broker.id);
  }
  if (*taken && held_by_another_) {
    spdlog::info("broker \"{}\" is ours now", settings_.broker.id);
  }
  held_by_another_ = !*taken;
  return {};
}

/// The lock lives as long as its connection: a question is enough to see whether that does.
pg::Result<void> Housekeeping::still_leased() {
  connection_->set_answer_timeout(pulse_patience_ms);
  const auto alive = connection_->exec("SELECT 1");
  if (!alive) {
    return tl::unexpected(alive.error());
  }
  connection_->set_answer_timeout(housekeeping_patience_ms);
  return {};
}

pg::Result<void> Housekeeping::partitions(std::int64_t now_ms) {
  if (now_ms - partitions_at_ms_ < partitions_every_ms && now_ms >= partitions_at_ms_) {
    return {};
  }
  auto done = store::maintain_partitions(
      *connection_, {settings_.messages.retention_days, settings_.history.retention_days});
  if (!done) {
    return done;
  }
  // Retention drops whole days; a message may have waited for its tick over midnight.
  constexpr std::int64_t an_hour_ms = 60LL * 60 * 1000;
  constexpr std::int64_t a_day_ms = 24 * an_hour_ms;
  const auto forgotten =
      store::forget_ticks(*connection_, kept_since_ms(now_ms) / a_day_ms * a_day_ms + an_hour_ms);
  if (!forgotten) {
    return tl::unexpected(forgotten.error());
  }
  partitions_at_ms_ = now_ms;
  return {};
}

/// [messages] retention_days: what is older is deleted.
std::int64_t Housekeeping::kept_since_ms(std::int64_t now_ms) const {
  constexpr std::int64_t a_day_ms = 24LL * 60 * 60 * 1000;
  return now_ms - settings_.messages.retention_days * a_day_ms;
}

/// A step at a time: each round deletes what one statement may, as long as there is some.
pg::Result<void> Housekeeping::old_commands(std::int64_t now_ms) {
  if (now_ms - commands_at_ms_ < commands_every_ms && now_ms >= commands_at_ms_) {
    return {};
  }
  const auto deleted = store::delete_settled(*connection_, kept_since_ms(now_ms));
  if (!deleted) {
    return tl::unexpected(deleted.error());
  }
  if (*deleted == 0) {
    commands_at_ms_ = now_ms;
  }
  return {};
}

pg::Result<void> Housekeeping::keys(std::int64_t now_ms) {
  if (now_ms - keys_at_ms_ < keys_every_ms && now_ms >= keys_at_ms_) {
    return {};
  }
  keys_at_ms_ = now_ms;
  if (auto done = store::broker_seen(*connection_, settings_.broker.id); !done) {
    return done;
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
  const auto ended = store::end_overdue_upgrades(*connection_, now_ms);
  if (!ended) {
    return tl::unexpected(ended.error());
  }
  if (*ended > 0) {
    spdlog::info("{} upgrades are over their time limit", *ended);
  }
  const bool due = now_ms - firmware_at_ms_ >= firmware_every_ms || now_ms < firmware_at_ms_;
  if (!due) {
    return {};
  }
  auto done = store::forget_former_down_ids(*connection_, kept_since_ms(now_ms));
  if (!done) {
    return done;
  }
  constexpr std::int64_t week_ms = 7LL * 24 * 60 * 60 * 1000;
  done = store::forget_former_session_keys(*connection_, now_ms - week_ms);
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
    options_.on_may_consume(may);
  }
}

}  // namespace xgate::ingest
