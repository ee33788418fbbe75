// SPDX-License-Identifier: Apache-2.0
#include "service/api/confirmations.hpp"

#include <chrono>
#include <optional>
#include <string_view>
#include <utility>

#include "protocol/random.hpp"
#include "service/api/input.hpp"
#include "service/observe/log.hpp"

namespace xgate::api {
namespace {

constexpr std::chrono::seconds patience{2};
constexpr std::chrono::milliseconds retry_after{250};
/// A network that swallows packets sends no notification either: ask now and then.
constexpr int probe_after_ms = 15'000;
constexpr const char* unconfirmed_header = "Xgate-Unconfirmed";
/// Where it cannot be known which brokers there are.
constexpr const char* some_broker = "*";

/// Nobody else's, whichever service made it; and no command's number, which parked answers go by
/// as well.
std::int64_t new_id() {
  std::int64_t id = 0;
  for (const auto byte : protocol::random_bytes<7>()) id = id * 256 + byte;
  return id + 1;
}
std::int64_t subject_of(std::int64_t id) { return -id; }

void name_unconfirmed(Response& response, std::string brokers) {
  response.headers.emplace_back(unconfirmed_header, std::move(brokers));
}

}  // namespace

Confirmations::Confirmations(std::string conninfo,
                             std::function<void(std::vector<std::int64_t>)> wake)
    : conninfo_(std::move(conninfo)), wake_(std::move(wake)) {}

Confirmations::~Confirmations() {
  stop();
  join();
}

void Confirmations::start() {
  thread_ = std::thread([this] { run(); });
}

void Confirmations::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    if (connection_ != nullptr) connection_->cancel();
  }
  stopped_.notify_all();
}

void Confirmations::join() {
  if (thread_.joinable()) thread_.join();
}

bool Confirmations::pause() {
  std::unique_lock lock(mutex_);
  return !stopped_.wait_for(lock, retry_after, [this] { return stopping_; });
}

void Confirmations::run() {
  pg::Options options;
  options.application_name = "xgate-api confirmations";
  options.connect_timeout_s = 3;
  options.answer_timeout_ms = 5'000;
  do {
    auto connection = pg::Connection::open(conninfo_, options);
    if (!connection) continue;  // the workers tell that the database is away
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) return;
      connection_ = &*connection;
    }
    (void)listen(*connection);
    const std::lock_guard lock(mutex_);
    connection_ = nullptr;
  } while (pause());
}

/// What was asked while nobody listened is asked again.
pg::Result<void> Confirmations::listen(pg::Connection& connection) {
  auto listening = connection.exec(std::string("LISTEN ") + store::confirmations_channel, {});
  if (!listening) return tl::unexpected(listening.error());
  Barriers open;
  {
    const std::lock_guard lock(mutex_);
    open = barriers_;
  }
  for (const auto& [id, barrier] : open) {
    const auto asked = store::send_barrier(connection, id, barrier.first);
    if (!asked) return tl::unexpected(asked.error());
  }
  for (;;) {
    const auto heard = connection.wait_notifications(probe_after_ms);
    if (!heard) return tl::unexpected(heard.error());
    for (const auto& one : *heard) take(one);
    if (!heard->empty()) continue;
    if (const auto alive = connection.exec("SELECT 1"); !alive) {
      return tl::unexpected(alive.error());
    }
  }
}

void Confirmations::take(const pg::Connection::Notification& notification) {
  const std::string_view text = notification.payload;
  const auto blank = text.find(' ');
  const auto id = number_from<std::int64_t>(text.substr(0, blank));
  if (!id || blank == std::string_view::npos) return;
  {
    const std::lock_guard lock(mutex_);
    const auto found = barriers_.find(*id);
    const auto barrier = found == barriers_.end() ? nullptr : found->second.second.lock();
    if (!barrier) return;  // another service's, or answered
    barrier->confirmed.emplace(text.substr(blank + 1, store::broker_name_size));
  }
  wake_({subject_of(*id)});
}

std::shared_ptr<Confirmations::Barrier> Confirmations::new_barrier(std::int64_t id,
                                                                   store::Effect effect) {
  auto barrier = std::make_shared<Barrier>();
  const std::lock_guard lock(mutex_);
  std::erase_if(barriers_, [](const auto& entry) { return entry.second.second.expired(); });
  barriers_.emplace(id, std::pair{effect, barrier});
  return barrier;
}

/// Those that have not confirmed it, "a, b"; empty: all have.
std::string Confirmations::missing(const Barrier& barrier) {
  std::string names;
  const std::lock_guard lock(mutex_);
  for (const auto& broker : barrier.living) {
    if (barrier.confirmed.contains(broker)) continue;
    if (!names.empty()) names += ", ";
    names += broker;
  }
  return names;
}

void Confirmations::await(pg::Connection& database, store::Effect effect, Response& response) {
  const auto id = new_id();
  auto barrier = new_barrier(id, effect);  // before anybody can confirm it
  const auto living = store::send_barrier(database, id, effect);
  if (!living) return name_unconfirmed(response, some_broker);
  {
    const std::lock_guard lock(mutex_);
    barrier->living.insert(living->begin(), living->end());
  }
  auto brokers = missing(*barrier);
  if (brokers.empty()) return;
  auto later = std::make_shared<Later>();
  later->subject = subject_of(id);
  later->patience = patience;
  // Should the database be lost meanwhile, nobody confirms anything.
  const Response confirmed = response;
  name_unconfirmed(response, std::move(brokers));
  later->look = [this, barrier, confirmed](pg::Connection& /*database*/,
                                           bool last) -> std::optional<Response> {
    auto waits_for = missing(*barrier);
    if (!waits_for.empty() && !last) return std::nullopt;
    auto answer = confirmed;
    if (!waits_for.empty()) {
      observe::warn("api: a change is stored, but not confirmed by broker {} within {} s",
                    observe::Quoted(waits_for), patience.count());
      name_unconfirmed(answer, std::move(waits_for));
    }
    return answer;
  };
  response.later = std::move(later);
}

}  // namespace xgate::api
