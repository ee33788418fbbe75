// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cli/simulate/surroundings.hpp"
#include "mqtt/client.hpp"
#include "protocol/login.hpp"

namespace xgate::cli {

/// One MQTT connection at a time of a simulated device, asynchronous: logs in and subscribes.
class DeviceLink {
 public:
  struct Handlers {
    std::function<void()> ready;  ///< logged in, and every filter granted
    /// `code` is MQTT's where the broker refused, else 0. No connection is left.
    std::function<void(const std::string& reason, int code)> failed;
    std::function<void(const mqtt::Publish&)> received;
  };

  DeviceLink(const Surroundings& around, std::string device, Handlers handlers)
      : around_(around), device_(std::move(device)), handlers_(std::move(handlers)) {}

  void open(const protocol::LoginParameters& login, std::vector<std::string> filters);
  bool is_ready() const noexcept { return ready_; }
  void publish(const std::string& topic, std::string payload);  ///< QoS 1
  /// With DISCONNECT. `done` comes later, also where there is no connection.
  void close(std::function<void()> done);

 private:
  void on_subscribed(const std::vector<int>& codes);
  void fail(const std::string& reason, int code);

  const Surroundings& around_;
  std::string device_;
  Handlers handlers_;
  std::vector<std::string> filters_;
  std::unique_ptr<mqtt::Client> client_;
  bool ready_ = false;
  std::vector<std::function<void()>> closed_;  ///< who waits for the end of a close()
};

}  // namespace xgate::cli
