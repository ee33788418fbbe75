// SPDX-License-Identifier: Apache-2.0
#include "directory/loader.hpp"

#include <algorithm>
#include <exception>
#include <future>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>

#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "directory/background.hpp"
#include "directory/disk_copy.hpp"
#include "directory/reading.hpp"
#include "pg/array.hpp"
#include "pg/connection.hpp"
#include "protocol/identity.hpp"

namespace xgate::directory {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using Level = LogLine::Level;

/// How the services tell this broker's connection from all others, followed by its id.
constexpr const char* program_name = "xgate plugin ";
constexpr milliseconds shortest_back_off{250};
constexpr milliseconds longest_back_off{10000};
/// Also how long a retired snapshot may wait to be freed.
constexpr milliseconds longest_wait{1000};
/// A network that swallows packets sends no notification either: ask now and then.
constexpr milliseconds probe_interval{15000};
constexpr int answer_timeout_ms = 60000;
/// The copy costs the disk no more than this, averaged; a small one comes every two seconds.
constexpr std::size_t copy_bytes_per_second = 1024 * 1024;
constexpr milliseconds shortest_copy_interval{2000};
/// Whoever asks waits for a confirmation no longer than it takes to get there.
constexpr std::size_t most_barriers = 10'000;

/// Each publication copies the overlay, and each merge the table: this is where they cost the same.
std::size_t overlay_limit(const Snapshot& snapshot) {
  return std::max<std::size_t>(4096, snapshot.table->size() / 32);
}

/// What a batch of notifications asks for.
struct Asked {
  bool everything = false;
  bool products = false;
  std::vector<DeviceKey> devices;
  std::vector<DeviceKey> kicks;
  std::vector<DeviceKey> unlocks;
  std::vector<Barrier> barriers;

  bool changes() const {
    return everything || products || !devices.empty() || !kicks.empty() || !unlocks.empty();
  }
};

/// "AA30C505.device01" behind `word`.
std::optional<DeviceKey> device_after(std::string_view word, std::string_view payload) {
  if (!payload.starts_with(word)) return std::nullopt;
  const auto name = protocol::parse_device_name(payload.substr(word.size()));
  return name ? DeviceKey::from(name->product_id, name->node_eui) : std::nullopt;
}

/// "barrier 17 sessions": of what a barrier promises, more is never wrong.
std::optional<Barrier> read_barrier(std::string_view payload) {
  constexpr std::string_view word = "barrier ";
  if (!payload.starts_with(word)) return std::nullopt;
  payload.remove_prefix(word.size());
  const auto id = payload.substr(0, payload.find(' '));
  return Barrier{std::string(id), payload.substr(id.size()) != " logins"};
}

Asked read_notifications(const std::vector<pg::Connection::Notification>& notifications) {
  Asked asked;
  boost::unordered_flat_map<DeviceKey, bool, DeviceKeyHash> seen;
  for (const auto& notification : notifications) {
    const std::string_view payload = notification.payload;
    if (payload == "products") {
      asked.products = true;
    } else if (const auto key = device_after("device ", payload)) {
      if (seen.try_emplace(*key, true).second) asked.devices.push_back(*key);
    } else if (auto barrier = read_barrier(payload)) {
      asked.barriers.push_back(std::move(*barrier));
    } else if (const auto kick = device_after("kick ", payload)) {
      asked.kicks.push_back(*kick);
    } else if (const auto unlock = device_after("unlock ", payload)) {
      asked.unlocks.push_back(*unlock);
    } else {
      asked.everything = true;  // "all", or a word of a later version: it is never wrong
    }
  }
  return asked;
}

/// From then on the services know that this broker is to be waited for.
pg::Result<void> listen(pg::Connection& connection, const std::string& broker) {
  if (auto heard = connection.exec(std::string("LISTEN ") + notify_channel, {}); !heard) {
    return tl::unexpected(heard.error());
  }
  const auto named =
      connection.exec("SELECT set_config('application_name', $1, false)", {program_name + broker});
  if (!named) return tl::unexpected(named.error());
  return {};
}

pg::Result<void> confirm(pg::Connection& connection, const std::vector<std::string>& barriers,
                         const std::string& broker) {
  if (barriers.empty()) return {};
  pg::ArrayBuilder ids;
  for (const auto& id : barriers) ids.add(id);
  const auto told = connection.exec(
      "SELECT pg_notify('xgate_confirmed', id || ' ' || $2) FROM unnest($1::text[]) AS x (id)",
      {ids.take(), broker});
  if (!told) return tl::unexpected(told.error());
  return {};
}

pg::Result<Changes> read_everything(pg::Connection& connection, Snapshot& snapshot) {
  const auto read_at = steady_clock::now();
  auto products = read_products(connection);
  if (!products) return tl::unexpected(products.error());
  auto table = read_all_devices(connection);
  if (!table) return tl::unexpected(table.error());
  snapshot.products = std::move(*products);
  snapshot.table = std::move(*table);
  snapshot.overlay = std::make_shared<const Overlay>();
  Changes changes;
  changes.products = true;
  changes.all_devices = read_at;
  return changes;
}

/// Where nobody is known yet, nobody can log in, and there is nobody to give way to.
pg::Result<Changes> read_everything_aside(pg::Connection& connection, Snapshot& snapshot) {
  if (snapshot.table->size() == 0) return read_everything(connection, snapshot);
  return in_background([&] { return read_everything(connection, snapshot); });
}

pg::Result<Changes> read_directory(pg::Connection& connection, const Asked& asked,
                                   Snapshot& snapshot) {
  if (asked.everything) return read_everything_aside(connection, snapshot);
  Changes changes;
  if (asked.products) {
    auto products = read_products(connection);
    if (!products) return tl::unexpected(products.error());
    snapshot.products = std::move(*products);
    changes.products = true;
  }
  if (asked.devices.empty()) return changes;
  const auto read_at = steady_clock::now();
  auto overlay = std::make_shared<Overlay>(*snapshot.overlay);
  if (auto read = read_devices(connection, asked.devices, *overlay); !read) {
    return tl::unexpected(read.error());
  }
  snapshot.overlay = std::move(overlay);
  if (snapshot.overlay->size() > overlay_limit(snapshot)) {
    snapshot = in_background([&] { return merged(snapshot); });
  }
  changes.devices.reserve(asked.devices.size());
  for (const auto& key : asked.devices) changes.devices.push_back({key, read_at});
  return changes;
}

pg::Result<Changes> read_changes(pg::Connection& connection, Asked& asked, Snapshot& snapshot) {
  auto changes = read_directory(connection, asked, snapshot);
  if (!changes) return changes;
  changes->kicks = std::move(asked.kicks);
  changes->unlocks = std::move(asked.unlocks);
  return changes;
}

}  // namespace

/// Lets stop() cancel a connection, for as long as there is one.
class Loader::Cancellable {
 public:
  Cancellable(Loader& loader, pg::Connection& connection) : loader_(loader) {
    const std::lock_guard lock(loader_.mutex_);
    loader_.connection_ = &connection;
  }
  ~Cancellable() {
    const std::lock_guard lock(loader_.mutex_);
    loader_.connection_ = nullptr;
  }
  Cancellable(const Cancellable&) = delete;
  Cancellable& operator=(const Cancellable&) = delete;

 private:
  Loader& loader_;
};

Loader::Loader(LoaderOptions options, Exchange& exchange)
    : options_(std::move(options)),
      exchange_(&exchange),
      wake_fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

Loader::~Loader() {
  stop();
  if (wake_fd_ >= 0) ::close(wake_fd_);
}

void Loader::start() {
  // the broker's signals are for the broker's thread
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread([this] { run(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void Loader::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  wake();
  if (thread_.joinable()) thread_.join();
}

void Loader::wake() noexcept {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(wake_fd_, &one, sizeof one);
}

bool Loader::wait_first_attempt(milliseconds timeout) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, timeout, [this] { return attempted_; });
}

std::vector<LogLine> Loader::take_log() {
  const std::unique_lock lock(mutex_, std::try_to_lock);
  return lock.owns_lock() ? std::exchange(log_, {}) : std::vector<LogLine>();
}

void Loader::say(Level level, std::string text) {
  const std::lock_guard lock(mutex_);
  if (log_.size() < 100) log_.push_back({level, std::move(text)});
}

void Loader::first_attempt_done() {
  {
    const std::lock_guard lock(mutex_);
    attempted_ = true;
  }
  changed_.notify_all();
}

bool Loader::stopping() {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

/// A connection's descriptors are the loader's alone: who stops it cannot reach them himself.
void Loader::cancel_when_stopping() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return stopping_; });
  if (connection_ != nullptr) connection_->cancel();
}

void Loader::run() {
  own_descriptors(wake_fd_);
  std::future<void> canceller;  // over when this function is: by then all is stopping
  try {
    canceller = std::async(std::launch::async, [this] { cancel_when_stopping(); });
  } catch (const std::exception& error) {
    say(Level::warning, std::string("a stop may have to wait for the database: ") + error.what());
  }
  while (!stopping()) {
    try {
      run_once();
    } catch (const std::exception& error) {
      say(Level::error, std::string("the directory could not be loaded: ") + error.what());
      first_attempt_done();
    }
    back_off();
  }
  try {
    if (copy_is_old_) save_copy();
  } catch (const std::exception& error) {
    say(Level::error, std::string("the directory's copy was not written: ") + error.what());
  }
}

void Loader::run_once() {
  if (!loaded_ && snapshot_.table->size() == 0) use_copy();
  pg::Options options;
  options.application_name = "xgate plugin, not listening";
  options.answer_timeout_ms = answer_timeout_ms;
  auto connection = pg::Connection::open(options_.database, options);
  if (!connection) {
    if (!std::exchange(database_lost_said_, true)) {
      say(Level::warning,
          "the database is away, logins are decided from memory: " + connection.error().message);
    }
    first_attempt_done();
    return;
  }
  const Cancellable cancellable(*this, *connection);
  if (!stopping()) follow(*connection);
}

void Loader::use_copy() {
  if (options_.cache_file.empty()) return;
  auto copy = read_copy(options_.cache_file);
  if (!copy) {
    say(Level::info, "no copy of the directory is used: " + copy.error());
    return;
  }
  snapshot_ = std::move(*copy);
  say(Level::info,
      "the directory's copy on disk holds " + std::to_string(snapshot_.table->size()) + " devices");
  Changes changes;
  changes.products = true;
  changes.all_devices = Moment{};
  exchange_->publish(snapshot_, std::move(changes));
}

void Loader::follow(pg::Connection& connection) {
  const auto lost = [this](const pg::Error& error) {
    if (!stopping() && !std::exchange(database_lost_said_, true)) {
      say(Level::warning,
          std::string(error.connection_gone ? "the database was lost"
                                            : "the directory cannot be read from the database") +
              ", logins are decided from memory: " + error.message);
    }
    first_attempt_done();
  };
  barriers_.clear();  // whoever waits has heard nothing of them
  if (auto listening = listen(connection, options_.broker_id); !listening) {
    return lost(listening.error());
  }
  warn_of_rights(connection);
  Asked asked;
  asked.everything = true;
  auto probe_due = steady_clock::now() + probe_interval;
  for (;;) {
    if (asked.changes()) {
      auto changes = read_changes(connection, asked, snapshot_);
      if (!changes) return lost(changes.error());
      take_over(std::move(*changes));
    }
    std::move(asked.barriers.begin(), asked.barriers.end(), std::back_inserter(barriers_));
    if (auto told = confirm(connection, passed_barriers(), options_.broker_id); !told) {
      return lost(told.error());
    }
    save_copy_when_due();
    exchange_->free_retired();
    if (steady_clock::now() >= probe_due) {
      if (auto alive = connection.exec("SELECT 1", {}); !alive) return lost(alive.error());
      probe_due = steady_clock::now() + probe_interval;
    }
    const auto heard =
        connection.wait_notifications(static_cast<int>(longest_wait.count()), wake_fd_);
    if (!heard) return lost(heard.error());
    if (stopping()) return;
    std::uint64_t woken = 0;
    [[maybe_unused]] const auto emptied = ::read(wake_fd_, &woken, sizeof woken);
    asked = read_notifications(*heard);
  }
}

/// Once, and never a reason not to go on: it stays so until somebody changes the settings.
void Loader::warn_of_rights(pg::Connection& connection) {
  if (rights_looked_at_) return;
  const auto excess = find_excess_rights(connection);
  if (!excess) return;
  rights_looked_at_ = true;
  if (!excess->empty()) say(Level::warning, *excess);
}

/// What was read is offered to the broker's thread.
void Loader::take_over(Changes changes) {
  copy_is_old_ =
      copy_is_old_ || changes.products || changes.all_devices || !changes.devices.empty();
  exchange_->publish(snapshot_, std::move(changes));
  back_off_ = milliseconds{0};
  if (!std::exchange(loaded_, true) || std::exchange(database_lost_said_, false)) {
    say(Level::info,
        "the directory was read from the database: " + std::to_string(snapshot_.table->size()) +
            " devices, " + std::to_string(snapshot_.products->all().size()) + " products");
  }
  first_attempt_done();
}

/// A login takes over what is published before it is judged; live sessions are judged at TICK.
std::vector<std::string> Loader::passed_barriers() {
  std::vector<std::string> passed;
  bool waits = false;
  std::erase_if(barriers_, [&](Barrier& barrier) {
    if (barrier.number == 0) barrier.number = exchange_->published();
    if (barrier.sessions) waits = waits || !exchange_->is_settled(barrier.number);
    if (barrier.sessions && waits) return false;
    passed.push_back(std::move(barrier.id));
    return true;
  });
  if (barriers_.size() > most_barriers) barriers_.clear();
  return passed;
}

void Loader::save_copy_when_due() {
  if (copy_is_old_ && steady_clock::now() >= copy_due_) save_copy();
}

void Loader::save_copy() {
  copy_is_old_ = false;
  if (options_.cache_file.empty()) return;
  const auto written = in_background([this] {
    return write_copy(options_.cache_file,
                      snapshot_.overlay->empty() ? snapshot_ : merged(snapshot_));
  });
  auto interval = shortest_copy_interval;
  if (written) {
    interval = std::max(interval, milliseconds(*written * 1000 / copy_bytes_per_second));
  } else {
    say(Level::error, "the directory's copy on disk is not up to date: " + written.error());
    copy_is_old_ = true;
    interval = std::chrono::minutes(1);
  }
  copy_due_ = steady_clock::now() + interval;
}

void Loader::back_off() {
  exchange_->free_retired();
  back_off_ = std::clamp(back_off_ * 2, shortest_back_off, longest_back_off);
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, back_off_, [this] { return stopping_; });
}

}  // namespace xgate::directory
