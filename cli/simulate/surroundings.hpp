// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <random>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "cli/simulate/account.hpp"
#include "cli/simulate/download.hpp"
#include "cli/simulate/replies.hpp"
#include "cli/simulate/scenario.hpp"
#include "cli/simulate/tally.hpp"
#include "protocol/aes.hpp"

namespace xgate::cli {

/// What all simulated devices share. They run on the executor's one thread.
struct Surroundings {
  boost::asio::any_io_executor executor;
  const Scenario& scenario;
  const BrokerAddress& broker;
  std::chrono::milliseconds answer_timeout{5000};
  int tries = 3;
  Downloads& downloads;
  Tally& tally;
  protocol::Aes& aes;
  std::minstd_rand& random;
  /// What the platform did wrong, for people.
  std::function<void(const std::string& device, const Fault& what)> tell;
  /// Every frame; may be empty. `mark`: → or ←.
  std::function<void(const std::string& device, const char* mark, const std::string& topic,
                     const std::string& payload)>
      show;
};

}  // namespace xgate::cli
