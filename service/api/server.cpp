// SPDX-License-Identifier: Apache-2.0
#include "service/api/server.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/executor_work_guard.hpp>

#include "protocol/peer_address.hpp"
#include "service/api/http.hpp"
#include "service/api/server_impl.hpp"
#include "service/api/session.hpp"
#include "service/observe/log.hpp"

namespace xgate::api {
namespace {

constexpr std::chrono::seconds stop_time{5};
constexpr std::size_t rows_of_failures = 512;

std::int64_t steady_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now().time_since_epoch())
      .count();
}

/// To who gets no connection: nobody knows his language, for he has said nothing yet.
std::string text_of_refusal(int status, const std::string& sentence) {
  const auto response = to_response(too_many_connections(status == 429, sentence));
  std::string text = "HTTP/1.1 " + std::to_string(status) +
                     (status == 429 ? " Too Many Requests" : " Service Unavailable") +
                     "\r\nConnection: close\r\nContent-Type: " + response.content_type +
                     "\r\nContent-Length: " + std::to_string(response.body.size()) + "\r\n";
  for (const auto& [name, value] : response.headers)
    text.append(name).append(": ").append(value).append("\r\n");
  return text + "\r\n" + response.body;
}

web::Callers::Rule rule_of(const config::Settings& settings, Door door) {
  auto rule = web::rule_of(settings);
  rule.tls = door == Door::api && !settings.http.tls_certificate.empty();
  return rule;
}

}  // namespace

Server::Impl::Impl(asio::io_context& io, const config::Settings& settings,
                   observe::Metrics& metrics_used, Actions actions_used)
    : metrics(metrics_used),
      actions(std::move(actions_used)),
      limits(metrics_used),
      header_time(settings.http.header_s),
      max_file_bytes(static_cast<std::size_t>(settings.firmware.max_mb) << 20U),
      workers(settings.http.workers, settings.database.url, settings.http.token_file),
      lookup(std::make_shared<TokenLookup>(io, workers)),
      confirmations(settings.database.url,
                    [this](std::vector<std::int64_t> subjects) { wake(std::move(subjects)); }),
      io_(io),
      settings_(settings.http),
      metrics_settings_(settings.metrics),
      callers_(rule_of(settings, Door::api)),
      metrics_callers_(rule_of(settings, Door::metrics)),
      timer_(io),
      token_failures_({.free = settings.http.free_failures,
                       .longest_ms = settings.http.longest_backoff_s * std::int64_t{1000}},
                      rows_of_failures) {}

tl::expected<void, std::string> Server::Impl::start() {
  if (!settings_.tls_certificate.empty()) {
    auto certificate = web::Certificate::load(settings_.tls_certificate, settings_.tls_key);
    if (!certificate) return tl::unexpected("[http] " + certificate.error());
    certificate_ = std::move(*certificate);
  }
  if (auto opened = open_doors(); !opened) return opened;
  workers.start();
  confirmations.start();
  return {};
}

std::shared_ptr<web::Listener> Server::Impl::make_listener(Door door) {
  const bool api = door == Door::api;
  web::Listener::Rule rule{
      .name = api ? "the HTTP API" : "the server of /metrics",
      .section = "http",
      .address = api ? settings_.address : metrics_settings_.address,
      .port = static_cast<std::uint16_t>(api ? settings_.port : metrics_settings_.port),
      .places = {.all = static_cast<std::size_t>(settings_.connections),
                 .per_address = static_cast<std::size_t>(settings_.connections_per_address)},
      .limit = observe::Limit::http_places,
      .refusal = {}};
  // By TLS nothing can be said before the handshake, which is what there is no place for.
  const bool tls = api && certificate_ != nullptr;
  if (!tls) rule.refusal = &text_of_refusal;
  return std::make_shared<web::Listener>(
      io_, std::move(rule), limits,
      [weak = weak_from_this(), door](tcp::socket socket, std::unique_ptr<web::Place> place) {
        const auto self = weak.lock();
        if (self) self->accepted(door, std::move(socket), std::move(place));
      });
}

tl::expected<void, std::string> Server::Impl::open_doors() {
  listener_ = make_listener(Door::api);
  if (auto opened = listener_->start(); !opened || !has_metrics_door()) return opened;
  metrics_listener_ = make_listener(Door::metrics);
  auto opened = metrics_listener_->start();
  if (!opened) listener_->stop();
  return opened;
}

void Server::Impl::accepted(Door door, tcp::socket socket, std::unique_ptr<web::Place> place) {
  const bool tls = door == Door::api && certificate_ != nullptr;
  const auto session =
      std::make_shared<Session>(std::move(socket), tls ? certificate_->current() : nullptr, door,
                                shared_from_this(), std::move(place));
  sessions_.emplace(session.get(), session);
  session->begin();
}

void Server::Impl::left(Session* session) {
  sessions_.erase(session);
  if (stopping_ && sessions_.empty()) {
    asio::post(io_, [self = shared_from_this()] { self->finish_stop(); });
  }
}

void Server::Impl::unpark(std::int64_t subject, const Session* session) {
  const auto [first, last] = parked_.equal_range(subject);
  for (auto it = first; it != last; ++it) {
    if (it->second == session) {
      parked_.erase(it);
      return;
    }
  }
}

/// A parked session cannot end before it is unparked: its timer or its work holds it.
void Server::Impl::wake(std::vector<std::int64_t> subjects) {
  asio::post(io_, [self = shared_from_this(), subjects = std::move(subjects)] {
    std::vector<std::shared_ptr<Session>> concerned;
    for (const auto subject : subjects) {
      const auto [first, last] = self->parked_.equal_range(subject);
      for (auto it = first; it != last; ++it) concerned.push_back(it->second->shared_from_this());
    }
    for (const auto& session : concerned) session->look();
  });
}

std::uint64_t Server::Impl::failure_key(std::string_view address) const {
  return (protocol::SipHash(failure_key_) << protocol::Peer::of(address).bytes()).value();
}

int Server::Impl::token_wait_s(std::string_view address) {
  const auto wait_ms = token_failures_.standing(failure_key(address), steady_ms()).wait_ms;
  return static_cast<int>((wait_ms + 999) / 1000);
}

void Server::Impl::token_was_good(std::string_view address) {
  // A wait that lasts is somebody else's.
  if (token_wait_s(address) == 0) token_failures_.succeeded(failure_key(address));
}

void Server::Impl::token_was_wrong(std::string_view address) {
  const auto standing = token_failures_.failed(failure_key(address), steady_ms());
  if (standing.wait_ms == 0) return;
  metrics.token_backoffs.Increment();
  observe::warn("api: {} wrong tokens from {}: the next one is looked at in {} s",
                standing.failures, observe::Words(address), standing.wait_ms / 1000);
}

void Server::Impl::stop(std::function<void()> done) {
  if (stopping_) return;
  stopping_ = true;
  stopped_ = std::move(done);
  if (listener_) listener_->stop();
  if (metrics_listener_) metrics_listener_->stop();
  timer_.expires_after(stop_time);
  timer_.async_wait([self = shared_from_this()](beast::error_code cancelled) {
    if (!cancelled) self->finish_stop();
  });
  for (const auto& [address, session] : std::unordered_map(sessions_)) {
    if (const auto live = session.lock()) live->stop();
  }
  if (sessions_.empty()) finish_stop();
}

/// All sessions are over, or have had their time.
void Server::Impl::finish_stop() {
  if (!stopped_) return;
  timer_.cancel();
  auto done = std::exchange(stopped_, nullptr);
  for (const auto& [address, session] : std::unordered_map(sessions_)) {
    if (const auto live = session.lock()) live->close();
  }
  lookup->stop();
  workers.stop();
  confirmations.stop();
  // A worker may be connecting, which takes up to its time-out: not a wait for the I/O thread.
  joiner_ = std::thread([self = shared_from_this(), done = std::move(done),
                         work = asio::make_work_guard(io_)]() mutable {
    self->workers.join();
    self->confirmations.join();
    asio::post(self->io_, [self, done = std::move(done)] {
      self->joiner_.join();
      if (done) done();
    });
  });
}

void Server::Impl::end_threads() {
  lookup->stop();
  workers.stop();
  confirmations.stop();
  if (joiner_.joinable()) joiner_.join();
  workers.join();
  confirmations.join();
}

Server::Server(asio::io_context& io, const config::Settings& settings, observe::Metrics& metrics,
               Actions actions)
    : impl_(std::make_shared<Impl>(io, settings, metrics, std::move(actions))) {}
Server::~Server() { impl_->end_threads(); }
tl::expected<void, std::string> Server::start() { return impl_->start(); }
std::uint16_t Server::port() const noexcept { return impl_->port(); }
std::uint16_t Server::metrics_port() const noexcept { return impl_->metrics_port(); }
void Server::database_hangs() {
  asio::post(impl_->io(), [impl = impl_] { impl->workers.give_up_connections(); });
}
void Server::stop(std::function<void()> done) { impl_->stop(std::move(done)); }
void Server::wake(std::vector<std::int64_t> subjects) { impl_->wake(std::move(subjects)); }

}  // namespace xgate::api
