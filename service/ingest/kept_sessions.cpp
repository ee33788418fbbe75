// SPDX-License-Identifier: Apache-2.0
#include "service/ingest/kept_sessions.hpp"

#include <cstddef>
#include <utility>

#include <boost/asio/post.hpp>

namespace xgate::ingest {
namespace {

constexpr std::size_t waiting_most = 100'000;

}  // namespace

KeptSessions::KeptSessions(boost::asio::io_context& io, mqtt::ClientOptions login)
    : io_(io), login_(std::move(login)) {
  login_.clean_start = true;
  login_.session_expiry_s = 0;
  login_.reconnect = false;
}

void KeptSessions::end(std::string client_id) {
  if (stopped_ || waiting_.size() >= waiting_most) return;
  waiting_.push_back(std::move(client_id));
  if (client_ == nullptr) next();
}

void KeptSessions::stop() {
  stopped_ = true;
  waiting_.clear();
  client_.reset();
}

void KeptSessions::next() {
  if (stopped_ || waiting_.empty()) return;
  login_.client_id = std::move(waiting_.front());
  waiting_.pop_front();
  client_ = std::make_unique<mqtt::Client>(
      io_.get_executor(), login_,
      mqtt::Client::Handlers{.on_connected = [this](bool) { client_->stop([this] { done(); }); },
                             .on_disconnected = [this](const std::string&, int) { done(); },
                             .on_publish = [](const mqtt::Publish&, mqtt::AckToken) {},
                             .on_subscribed = [](const std::vector<int>&) {}});
  client_->start();
}

void KeptSessions::done() {
  // Not within the client's own call.
  boost::asio::post(io_, [this] {
    client_.reset();
    next();
  });
}

}  // namespace xgate::ingest
