// SPDX-License-Identifier: Apache-2.0
#include "service/download/server.hpp"

#include <chrono>
#include <csignal>
#include <thread>
#include <unordered_map>
#include <utility>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "service/download/session.hpp"

namespace xgate::download {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {
constexpr std::chrono::seconds first_request_time{15};
constexpr std::chrono::milliseconds accept_again{100};
constexpr std::chrono::seconds forget_every{1};

web::Callers callers_of_devices(const config::Settings& settings) {
  auto rule = web::rule_of(settings);
  rule.ignores_host_of_1_0 = true;
  return web::Callers(rule);
}
}  // namespace

class Server::Impl {
 public:
  Impl(const config::Settings& settings, const firmware::ContentStore& files,
       const store::DatabaseState& database, observe::Metrics& metrics)
      : settings_(settings.download),
        ledger_(settings.database.url, database, files),
        shared_(std::make_shared<Shared>(Shared{ledger_,
                                                metrics,
                                                GuessLimit(settings.download.unknown_per_hour),
                                                callers_of_devices(settings),
                                                false,
                                                {}})) {}

  ~Impl() {
    stop();
    if (thread_.joinable()) thread_.join();
    ledger_.join();  // before the io_context that its answers are posted to
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  tl::expected<void, std::string> start() {
    error_code error;
    const auto address = asio::ip::make_address(settings_.address, error);
    const tcp::endpoint endpoint(address, static_cast<std::uint16_t>(settings_.port));
    if (!error) acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(asio::socket_base::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (error) {
      acceptor_.close();
      return tl::unexpected("the download server cannot listen on " + settings_.address + " port " +
                            std::to_string(settings_.port) + ": " + error.message());
    }
    port_ = acceptor_.local_endpoint().port();
    ledger_.start();
    accept();
    thread_ = std::thread([this] {
      // sendfile(2) has no MSG_NOSIGNAL: a client that is gone must not end the service.
      sigset_t pipe;
      sigemptyset(&pipe);
      sigaddset(&pipe, SIGPIPE);
      pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
      io_.run();
    });
    return {};
  }

  std::uint16_t port() const noexcept { return port_; }

  void stop() {
    ledger_.stop();
    asio::post(io_, [this] {
      if (shared_->stopping) return;
      shared_->stopping = true;
      error_code ignored;
      acceptor_.close(ignored);
      timer_.cancel();
      forgetting_.cancel();
      for (const auto& [address, session] : std::unordered_map(sessions_)) {
        if (const auto live = session.lock()) live->close();
      }
      work_.reset();
    });
  }

 private:
  void accept() {
    acceptor_.async_accept([this](const error_code& error, tcp::socket socket) {
      if (shared_->stopping) return;
      if (!error) {
        accepted(std::move(socket));
        return accept();
      }
      // Out of descriptors, most likely: some will be free again.
      timer_.expires_after(accept_again);
      timer_.async_wait([this](const error_code& cancelled) {
        if (!cancelled && !shared_->stopping) accept();
      });
    });
  }

  void accepted(tcp::socket socket) {
    if (sessions_.size() >= static_cast<std::size_t>(settings_.connections)) return;
    const auto session = std::make_shared<Session>(
        std::move(socket), shared_, [this](Session* gone) { sessions_.erase(gone); });
    sessions_.emplace(session.get(), session);
    session->read_request(first_request_time);
    if (sessions_.size() == 1) forget();
  }

  /// What is known holds files open: it ends with its time, not with the next download.
  void forget() {
    forgetting_.expires_after(forget_every);
    forgetting_.async_wait([this](const error_code& cancelled) {
      if (cancelled || shared_->stopping) return;
      std::erase_if(shared_->known, [now = std::chrono::steady_clock::now()](const auto& entry) {
        return entry.second.until <= now;
      });
      if (!shared_->known.empty() || !sessions_.empty()) forget();
    });
  }

  const config::Settings::Download settings_;
  Ledger ledger_;
  std::shared_ptr<Shared> shared_;
  std::unordered_map<Session*, std::weak_ptr<Session>> sessions_;
  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_{io_.get_executor()};
  tcp::acceptor acceptor_{io_};
  asio::steady_timer timer_{io_};
  asio::steady_timer forgetting_{io_};
  std::uint16_t port_ = 0;
  std::thread thread_;
};

Server::Server(const config::Settings& settings, const firmware::ContentStore& files,
               const store::DatabaseState& database, observe::Metrics& metrics)
    : impl_(std::make_unique<Impl>(settings, files, database, metrics)) {}
Server::~Server() = default;
tl::expected<void, std::string> Server::start() { return impl_->start(); }
std::uint16_t Server::port() const noexcept { return impl_->port(); }
void Server::stop() { impl_->stop(); }

}  // namespace xgate::download
