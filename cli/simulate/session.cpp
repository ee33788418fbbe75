// SPDX-License-Identifier: Apache-2.0
#include "cli/simulate/session.hpp"

#include <algorithm>
#include <deque>
#include <utility>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include "mqtt/client.hpp"

namespace xgate::cli {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

/// At least, for what the broker itself answers.
constexpr milliseconds least_session_timeout{5000};

mqtt::ClientOptions client_options(const JourneyOptions& options,
                                   const protocol::LoginParameters& login) {
  mqtt::ClientOptions client;
  client.host = options.host;
  client.port = options.port;
  client.tls = options.tls;
  client.ca_file = options.ca_file;
  client.version = options.mqtt_version == 5 ? mqtt::Version::v5 : mqtt::Version::v311;
  client.client_id = login.client_id;
  client.username = login.username;
  client.password = login.password;
  client.connect_timeout = std::max(options.answer_timeout, least_session_timeout);
  client.reconnect = false;
  return client;
}

}  // namespace

struct JourneySession::State {
  boost::asio::io_context io;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{io.get_executor()};
  milliseconds timeout{0};
  std::optional<mqtt::Client> client;

  bool connected = false;
  std::optional<Refusal> failure;
  std::vector<int> subscribed;
  std::deque<mqtt::Publish> inbox;

  /// Runs the connection until `done` holds, it failed, or the time is over.
  template <class Done>
  bool run_until(Done done, milliseconds time) {
    const Clock::time_point end = Clock::now() + time;
    while (!done() && !failure)
      if (io.run_one_until(end) == 0) break;
    return done();
  }

  mqtt::Client::Handlers handlers() {
    return {
        .on_connected = [this](bool) { connected = true; },
        .on_disconnected =
            [this](const std::string& reason, int code) {
              failure = Refusal{reason, code};
            },
        .on_publish =
            [this](mqtt::Publish message, mqtt::AckToken token) {
              client->acknowledge(token);
              inbox.push_back(std::move(message));
            },
        .on_subscribed = [this](const std::vector<int>& codes) { subscribed = codes; },
    };
  }
};

JourneySession::JourneySession(const JourneyOptions& options,
                               const protocol::LoginParameters& login)
    : state_(std::make_unique<State>()) {
  state_->timeout = std::max(options.answer_timeout, least_session_timeout);
  state_->client.emplace(state_->io.get_executor(), client_options(options, login),
                         state_->handlers());
}

JourneySession::~JourneySession() = default;

tl::expected<void, JourneySession::Refusal> JourneySession::connect() {
  State& s = *state_;
  s.client->start();
  // The client ends every attempt by itself; the second here only keeps its own answer first.
  if (s.run_until([&s] { return s.connected; }, s.timeout + std::chrono::seconds(1))) return {};
  return tl::unexpected(s.failure.value_or(Refusal{"the broker did not answer", 0}));
}

tl::expected<std::vector<int>, JourneySession::Refusal> JourneySession::subscribe(
    const std::vector<std::string>& filters) {
  State& s = *state_;
  std::vector<mqtt::Subscription> subscriptions;
  subscriptions.reserve(filters.size());
  for (const std::string& filter : filters) subscriptions.push_back({filter, 1, false});
  s.subscribed.clear();
  s.client->subscribe(subscriptions);
  if (s.run_until([&s] { return !s.subscribed.empty(); }, s.timeout)) return s.subscribed;
  return tl::unexpected(s.failure.value_or(Refusal{"the broker did not answer SUBSCRIBE", 0}));
}

void JourneySession::publish(const std::string& topic, std::string payload) {
  state_->client->publish({topic, std::move(payload), 1, false, false, {}},
                          [s = state_.get()](bool delivered) {
                            if (!delivered && !s->failure)
                              s->failure = Refusal{"the broker refused the message", 0};
                          });
}

std::optional<mqtt::Publish> JourneySession::receive(milliseconds timeout) {
  State& s = *state_;
  if (!s.run_until([&s] { return !s.inbox.empty(); }, timeout)) return std::nullopt;
  mqtt::Publish message = std::move(s.inbox.front());
  s.inbox.pop_front();
  return message;
}

const std::optional<JourneySession::Refusal>& JourneySession::failure() const noexcept {
  return state_->failure;
}

void JourneySession::disconnect() {
  State& s = *state_;
  s.failure.reset();
  bool stopped = false;
  s.client->stop([&stopped] { stopped = true; });
  while (!stopped) s.io.run_one();  // the client's own time limit ends it
}

}  // namespace xgate::cli
