// SPDX-License-Identifier: Apache-2.0
#include "service/api/server.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/executor_work_guard.hpp>
#include <spdlog/spdlog.h>

#include "protocol/peer_address.hpp"
#include "service/api/server_impl.hpp"
#include "service/api/session.hpp"

namespace xgate::api {
namespace {

constexpr std::chrono::seconds stop_time{5};
constexpr std::size_t rows_of_failures = 512;

std::int64_t steady_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now().time_since_epoch())
      .count();
}

}  // namespace

Server::Impl::Impl(asio::io_context& io, const config::Settings& settings,
                   observe::Metrics& metrics_used, Actions actions_used)
    : metrics(metrics_used),
      actions(std::move(actions_used)),
      callers(web::rule_of(settings)),
      max_file_bytes(static_cast<std::size_t>(settings.firmware.max_mb) << 20U),
      workers(settings.http.workers, settings.database.url, settings.http.token_file),
      lookup(std::make_shared<TokenLookup>(io, workers)),
      confirmations(settings.database.url,
                    [this](std::vector<std::int64_t> subjects) { wake(std::move(subjects)); }),
      io_(io),
      address_(settings.http.address),
      wanted_port_(static_cast<std::uint16_t>(settings.http.port)),
      max_connections_(static_cast<std::size_t>(settings.http.connections)),
      acceptor_(io),
      timer_(io),
      token_failures_({.free = settings.http.free_failures,
                       .longest_ms = settings.http.longest_backoff_s * std::int64_t{1000}},
                      rows_of_failures) {}

tl::expected<void, std::string> Server::Impl::start() {
  beast::error_code error;
  const tcp::endpoint endpoint(asio::ip::make_address(address_, error), wanted_port_);
  if (!error) acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    acceptor_.close();
    return tl::unexpected("the HTTP API cannot listen on " + address_ + " port " +
                          std::to_string(wanted_port_) + ": " + error.message());
  }
  port_ = acceptor_.local_endpoint().port();
  workers.start();
  confirmations.start();
  accept();
  return {};
}

void Server::Impl::accept() {
  acceptor_.async_accept([self = shared_from_this()](beast::error_code error, tcp::socket socket) {
    if (self->stopping_) return;
    if (!error) {
      self->accepted(std::move(socket));
      return self->accept();
    }
    // Out of descriptors, most likely: some will be free again.
    self->timer_.expires_after(std::chrono::milliseconds(100));
    self->timer_.async_wait([self](beast::error_code cancelled) {
      if (!cancelled && !self->stopping_) self->accept();
    });
  });
}

void Server::Impl::accepted(tcp::socket socket) {
  if (sessions_.size() >= max_connections_) return;  // closed with the socket
  beast::error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  const auto session = std::make_shared<Session>(std::move(socket), shared_from_this());
  sessions_.emplace(session.get(), session);
  session->read_header();
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
  spdlog::warn("api: {} wrong tokens from {}: the next one is looked at in {} s", standing.failures,
               address, standing.wait_ms / 1000);
}

void Server::Impl::stop(std::function<void()> done) {
  if (stopping_) return;
  stopping_ = true;
  stopped_ = std::move(done);
  beast::error_code ignored;
  acceptor_.close(ignored);
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
void Server::database_hangs() {
  asio::post(impl_->io(), [impl = impl_] { impl->workers.give_up_connections(); });
}
void Server::stop(std::function<void()> done) { impl_->stop(std::move(done)); }
void Server::wake(std::vector<std::int64_t> subjects) { impl_->wake(std::move(subjects)); }

}  // namespace xgate::api
