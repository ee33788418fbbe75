// SPDX-License-Identifier: Apache-2.0
#include "service/download/server.hpp"

#include <chrono>
#include <csignal>
#include <thread>
#include <unordered_map>
#include <utility>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "service/download/session.hpp"
#include "service/web/certificate.hpp"
#include "service/web/listener.hpp"

namespace xgate::download {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {
constexpr std::chrono::seconds forget_every{1};

web::Callers callers_of_devices(const config::Settings& settings) {
  auto rule = web::rule_of(settings);
  rule.ignores_host_of_1_0 = true;
  rule.tls = !settings.download.tls_certificate.empty();
  return web::Callers(rule);
}
/// To who gets no connection.
std::string text_of_refusal(int status, const std::string& sentence) {
  const std::string body = sentence + "\n";
  return "HTTP/1.1 " + std::to_string(status) +
         (status == 429 ? " Too Many Requests" : " Service Unavailable") +
         "\r\nConnection: close\r\nRetry-After: 1\r\nContent-Type: text/plain\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace

class Server::Impl {
 public:
  Impl(const config::Settings& settings, const firmware::ContentStore& files,
       const store::DatabaseState& database, observe::Metrics& metrics)
      : settings_(settings.download),
        ledger_(settings.database.url, database, files),
        limits_(metrics),
        shared_(std::make_shared<Shared>(Shared{ledger_,
                                                metrics,
                                                limits_,
                                                std::chrono::seconds(settings.download.header_s),
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
    if (!settings_.tls_certificate.empty()) {
      auto certificate = web::Certificate::load(settings_.tls_certificate, settings_.tls_key);
      if (!certificate) return tl::unexpected("[download] " + certificate.error());
      certificate_ = std::move(*certificate);
    }
    listener_ = make_listener();
    if (auto started = listener_->start(); !started) return started;
    ledger_.start();
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

  std::uint16_t port() const noexcept { return listener_ ? listener_->port() : 0; }

  void stop() {
    ledger_.stop();
    asio::post(io_, [this] {
      if (shared_->stopping) return;
      shared_->stopping = true;
      if (listener_) listener_->stop();
      forgetting_.cancel();
      for (const auto& [address, session] : std::unordered_map(sessions_)) {
        if (const auto live = session.lock()) live->close();
      }
      work_.reset();
    });
  }

 private:
  std::shared_ptr<web::Listener> make_listener() {
    web::Listener::Rule rule{
        .name = "the download server",
        .section = "download",
        .address = settings_.address,
        .port = static_cast<std::uint16_t>(settings_.port),
        .places = {.all = static_cast<std::size_t>(settings_.connections),
                   .per_address = static_cast<std::size_t>(settings_.connections_per_address)},
        .limit = observe::Limit::download_places,
        .refusal = {}};
    // By TLS nothing can be said before the handshake, which is what there is no place for.
    if (!certificate_) rule.refusal = &text_of_refusal;
    return std::make_shared<web::Listener>(
        io_, std::move(rule), limits_,
        [this](web::Listener::Socket socket, std::unique_ptr<web::Place> place) {
          accepted(std::move(socket), std::move(place));
        });
  }

  void accepted(web::Listener::Socket socket, std::unique_ptr<web::Place> place) {
    const auto session = std::make_shared<Session>(
        std::move(socket), certificate_ ? certificate_->current() : nullptr, std::move(place),
        shared_, [this](Session* gone) { sessions_.erase(gone); });
    sessions_.emplace(session.get(), session);
    session->begin();
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
  observe::Limits limits_;
  std::shared_ptr<Shared> shared_;
  std::unordered_map<Session*, std::weak_ptr<Session>> sessions_;
  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_{io_.get_executor()};
  std::unique_ptr<web::Certificate> certificate_;  ///< null: plain HTTP
  std::shared_ptr<web::Listener> listener_;
  asio::steady_timer forgetting_{io_};
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
