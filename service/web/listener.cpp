// SPDX-License-Identifier: Apache-2.0
#include "service/web/listener.hpp"

#include <array>
#include <utility>

#include <boost/asio/buffer.hpp>

namespace xgate::web {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr std::chrono::milliseconds accept_again{100};
constexpr std::size_t max_turned_away = 64;
constexpr std::chrono::seconds turned_away_time{1};

/// What has come already: closing with unread bytes resets the connection.
void drop_received(Listener::Socket& socket) {
  std::array<char, 4096> bytes{};
  error_code error;
  for (int i = 0; i < 8 && !error; ++i) socket.read_some(asio::buffer(bytes), error);
}

}  // namespace

std::string address_of(const Listener::Socket& socket) {
  error_code error;
  const auto peer = socket.remote_endpoint(error);
  return error ? std::string() : peer.address().to_string();
}

Listener::Listener(asio::io_context& io, Rule rule, observe::Limits& limits, Accepted accepted)
    : rule_(std::move(rule)),
      limits_(limits),
      accepted_(std::move(accepted)),
      places_(Places::make(rule_.places)),
      acceptor_(io),
      again_(io),
      forgetting_(io) {}

tl::expected<void, std::string> Listener::start() {
  error_code error;
  const tcp::endpoint endpoint(asio::ip::make_address(rule_.address, error), rule_.port);
  if (!error) acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    error_code ignored;
    acceptor_.close(ignored);
    return tl::unexpected(rule_.name + " cannot listen on " + rule_.address + " port " +
                          std::to_string(rule_.port) + ": " + error.message());
  }
  port_ = acceptor_.local_endpoint().port();
  accept();
  return {};
}

void Listener::stop() {
  stopping_ = true;
  error_code ignored;
  acceptor_.close(ignored);
  again_.cancel();
  forgetting_.cancel();
  turned_away_.clear();
}

void Listener::accept() {
  acceptor_.async_accept([self = shared_from_this()](const error_code& error, tcp::socket socket) {
    if (self->stopping_) return;
    if (!error) {
      self->receive(std::move(socket));
      return self->accept();
    }
    // Out of descriptors, most likely: some will be free again.
    self->again_.expires_after(accept_again);
    self->again_.async_wait([self](const error_code& cancelled) {
      if (!cancelled && !self->stopping_) self->accept();
    });
  });
}

void Listener::receive(Socket socket) {
  const auto address = address_of(socket);
  auto taken = places_->take(address, Places::Clock::now());
  if (!taken.place) return turn_away(std::move(socket), taken.of, address);
  error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  accepted_(std::move(socket), std::move(taken.place));
}

void Listener::turn_away(Socket socket, Places::Short of, const std::string& address) {
  const bool share = of == Places::Short::address;
  const auto most = std::to_string(share ? rule_.places.per_address : rule_.places.all);
  const auto sentence = share ? "this address has " + most +
                                    " connections here, which is as many as one may have: [" +
                                    rule_.section + "] connections_per_address"
                              : "all " + most + " connections that may be open here are: [" +
                                    rule_.section + "] connections";
  limits_.refused(rule_.limit, address, sentence);
  if (!rule_.refusal) return;  // closed with the socket
  const auto answer = rule_.refusal(
      share ? 429 : 503, sentence + " (" + std::string(observe::to_string(rule_.limit)) + ")");
  error_code error;
  socket.non_blocking(true, error);
  if (!error) socket.write_some(asio::buffer(answer), error);  // a new one has room for it
  drop_received(socket);
  socket.shutdown(tcp::socket::shutdown_send, error);
  if (turned_away_.size() >= max_turned_away) {
    drop_received(turned_away_.front());
    turned_away_.pop_front();
  }
  turned_away_.push_back(std::move(socket));
  if (turned_away_.size() == 1) forget_turned_away();
}

void Listener::forget_turned_away() {
  forgetting_.expires_after(turned_away_time);
  forgetting_.async_wait(
      [self = shared_from_this(), those = turned_away_.size()](const error_code& cancelled) {
        if (cancelled) return;
        for (auto i = those; i > 0 && !self->turned_away_.empty(); --i) {
          drop_received(self->turned_away_.front());
          self->turned_away_.pop_front();
        }
        if (!self->turned_away_.empty()) self->forget_turned_away();
      });
}

}  // namespace xgate::web
