// SPDX-License-Identifier: Apache-2.0
#include "cli/simulate/device_link.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/post.hpp>

namespace xgate::cli {
namespace {

/// At least, for what the broker itself answers.
constexpr std::chrono::milliseconds least_link_timeout{10000};
constexpr std::size_t read_size = 4096;  ///< there may be thousands of devices
constexpr int refused = 0x80;

mqtt::ClientOptions client_options(const Surroundings& around,
                                   const protocol::LoginParameters& login) {
  mqtt::ClientOptions options;
  options.host = around.broker.host;
  options.port = around.broker.port;
  options.tls = around.broker.tls;
  options.ca_file = around.broker.ca_file;
  options.version = around.broker.mqtt_version == 5 ? mqtt::Version::v5 : mqtt::Version::v311;
  options.client_id = login.client_id;
  options.username = login.username;
  options.password = login.password;
  options.connect_timeout = std::max(around.answer_timeout, least_link_timeout);
  options.read_size = read_size;
  options.reconnect = false;
  return options;
}

}  // namespace

void DeviceLink::open(const protocol::LoginParameters& login, std::vector<std::string> filters) {
  filters_ = std::move(filters);
  ready_ = false;
  mqtt::Client::Handlers handlers;
  handlers.on_connected = [this](bool) {
    std::vector<mqtt::Subscription> subscriptions;
    subscriptions.reserve(filters_.size());
    for (const std::string& filter : filters_) subscriptions.push_back({filter, 1, false});
    client_->subscribe(subscriptions);
  };
  handlers.on_disconnected = [this](const std::string& reason, int code) { fail(reason, code); };
  handlers.on_subscribed = [this](const std::vector<int>& codes) { on_subscribed(codes); };
  handlers.on_publish = [this](const mqtt::Publish& message, mqtt::AckToken token) {
    client_->acknowledge(token);
    if (around_.show) around_.show(device_, "←", message.topic, message.payload);
    handlers_.received(message);
  };
  client_ = std::make_unique<mqtt::Client>(around_.executor, client_options(around_, login),
                                           std::move(handlers));
  client_->start();
}

void DeviceLink::on_subscribed(const std::vector<int>& codes) {
  for (std::size_t i = 0; i < codes.size() && i < filters_.size(); ++i)
    if (codes[i] >= refused)
      return fail("the broker refused the subscription to " + filters_[i], codes[i]);
  ready_ = true;
  handlers_.ready();
}

void DeviceLink::fail(const std::string& reason, int code) {
  ready_ = false;
  client_.reset();
  handlers_.failed(reason, code);
}

void DeviceLink::publish(const std::string& topic, std::string payload) {
  if (!ready_) return;
  if (around_.show) around_.show(device_, "→", topic, payload);
  // A message that is not delivered gets no ack either, which is what is watched.
  client_->publish({topic, std::move(payload), 1, false, false, {}});
}

void DeviceLink::close(std::function<void()> done) {
  ready_ = false;
  if (!client_) {
    boost::asio::post(around_.executor, std::move(done));
    return;
  }
  closed_.push_back(std::move(done));
  if (closed_.size() > 1) return;
  client_->stop([this] {
    const auto waiting = std::exchange(closed_, {});
    client_.reset();  // this callback with it
    for (const auto& each : waiting) each();
  });
}

}  // namespace xgate::cli
