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
#include "service/observe/limits.hpp"
#include "service/web/callers.hpp"
#include "service/web/certificate.hpp"
#include "service/web/listener.hpp"

namespace xgate::api {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using Clock = std::chrono::steady_clock;

class Session;

/// Which of the listeners a connection came by.
enum class Door : std::uint8_t { api, metrics };

/// What all connections share. Everything on the io_context's thread.
class Server::Impl : public std::enable_shared_from_this<Server::Impl> {
 public:
  Impl(asio::io_context& io, const config::Settings& settings, observe::Metrics& metrics_used,
       Actions actions_used);

  tl::expected<void, std::string> start();
  std::uint16_t port() const noexcept { return listener_ ? listener_->port() : 0; }
  std::uint16_t metrics_port() const noexcept {
    return metrics_listener_ ? metrics_listener_->port() : 0;
  }
  void stop(std::function<void()> done);
  void end_threads();
  void wake(std::vector<std::int64_t> subjects);

  // For sessions.
  void park(std::int64_t subject, Session* session) { parked_.emplace(subject, session); }
  void unpark(std::int64_t subject, const Session* session);
  void left(Session* session);
  bool stopping() const noexcept { return stopping_; }
  const web::Callers& callers(Door door) const noexcept {
    return door == Door::api ? callers_ : metrics_callers_;
  }
  bool has_metrics_door() const noexcept { return !metrics_settings_.address.empty(); }
  asio::io_context& io() noexcept { return io_; }
  /// Seconds until this address may try a wrong token again; 0: now. One that there is (`lookup`)
  /// need not wait: it has 256 bits, and others at the same address, which may be a proxy's, must
  /// not lock out who has it.
  int token_wait_s(std::string_view address);
  void token_was_good(std::string_view address);
  void token_was_wrong(std::string_view address);

  observe::Metrics& metrics;
  Actions actions;  ///< complete once started
  observe::Limits limits;
  const std::chrono::seconds header_time;
  const std::size_t max_file_bytes;
  Workers workers;
  std::shared_ptr<TokenLookup> lookup;
  Confirmations confirmations;
  int imports = 0;
  int uploads = 0;

 private:
  std::shared_ptr<web::Listener> make_listener(Door door);
  tl::expected<void, std::string> open_doors();
  void accepted(Door door, tcp::socket socket, std::unique_ptr<web::Place> place);
  void finish_stop();
  std::uint64_t failure_key(std::string_view address) const;

  asio::io_context& io_;
  const config::Settings::Http settings_;
  const config::Settings::MetricsListener metrics_settings_;
  const web::Callers callers_;
  const web::Callers metrics_callers_;
  std::unique_ptr<web::Certificate> certificate_;  ///< null: plain HTTP
  std::shared_ptr<web::Listener> listener_;
  std::shared_ptr<web::Listener> metrics_listener_;  ///< null: /metrics is the API's
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
