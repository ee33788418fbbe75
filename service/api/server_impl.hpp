// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "protocol/login_failures.hpp"
#include "protocol/random.hpp"
#include "protocol/siphash.hpp"
#include "service/api/confirmations.hpp"
#include "service/api/server.hpp"
#include "service/api/token_lookup.hpp"
#include "service/api/workers.hpp"
#include "service/web/callers.hpp"

namespace xgate::api {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using Clock = std::chrono::steady_clock;

class Session;

/// What all connections share. Everything on the io_context's thread.
class Server::Impl : public std::enable_shared_from_this<Server::Impl> {
 public:
  Impl(asio::io_context& io, const config::Settings& settings, observe::Metrics& metrics_used,
       Actions actions_used);

  tl::expected<void, std::string> start();
  std::uint16_t port() const noexcept { return port_; }
  void stop(std::function<void()> done);
  void end_threads();
  void wake(std::vector<std::int64_t> subjects);

  // For sessions.
  void park(std::int64_t subject, Session* session) { parked_.emplace(subject, session); }
  void unpark(std::int64_t subject, const Session* session);
  void joined(const std::shared_ptr<Session>& session);
  void left(Session* session);
  bool stopping() const noexcept { return stopping_; }
  asio::io_context& io() noexcept { return io_; }
  /// Seconds until this address may try a wrong token again; 0: now. One that there is (`lookup`)
  /// need not wait: it has 256 bits, and others at the same address, which may be a proxy's, must
  /// not lock out who has it.
  int token_wait_s(std::string_view address);
  void token_was_good(std::string_view address);
  void token_was_wrong(std::string_view address);

  observe::Metrics& metrics;
  Actions actions;  ///< complete once started
  const web::Callers callers;
  const std::size_t max_file_bytes;
  Workers workers;
  std::shared_ptr<TokenLookup> lookup;
  Confirmations confirmations;
  int imports = 0;
  int uploads = 0;

 private:
  void accept();
  void accepted(tcp::socket socket);
  void finish_stop();
  std::uint64_t failure_key(std::string_view address) const;

  asio::io_context& io_;
  const std::string address_;
  const std::uint16_t wanted_port_;
  const std::size_t max_connections_;
  std::uint16_t port_ = 0;
  tcp::acceptor acceptor_;
  asio::steady_timer timer_;
  std::unordered_map<Session*, std::weak_ptr<Session>> sessions_;
  const protocol::SipHash::Key failure_key_ = protocol::random_bytes<16>();
  protocol::LoginBackoff token_failures_;
  std::unordered_multimap<std::int64_t, Session*> parked_;
  bool stopping_ = false;
  std::function<void()> stopped_;
  std::thread joiner_;
};

}  // namespace xgate::api
