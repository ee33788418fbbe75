// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "cli/simulate/journey.hpp"
#include "mqtt/message.hpp"
#include "protocol/login.hpp"

namespace xgate::cli {

/// One MQTT connection of a simulated device, used step by step: each call waits for its end.
class JourneySession {
 public:
  struct Refusal {
    std::string reason;
    int code = 0;  ///< MQTT's, where there was one
  };

  JourneySession(const JourneyOptions& options, const protocol::LoginParameters& login);
  ~JourneySession();
  JourneySession(const JourneySession&) = delete;
  JourneySession& operator=(const JourneySession&) = delete;

  tl::expected<void, Refusal> connect();
  /// The broker's code for each filter.
  tl::expected<std::vector<int>, Refusal> subscribe(const std::vector<std::string>& filters);
  void publish(const std::string& topic, std::string payload);  ///< QoS 1; receive() tells the rest
  /// The next message. Nothing after `timeout`, or at once where the connection or a publish
  /// failed: then failure() says why.
  std::optional<mqtt::Publish> receive(std::chrono::milliseconds timeout);
  const std::optional<Refusal>& failure() const noexcept;
  void disconnect();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace xgate::cli
