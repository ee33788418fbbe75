// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <vector>

#include "cli/environment.hpp"
#include "cli/simulate/account.hpp"
#include "cli/simulate/scenario.hpp"

namespace xgate::cli {

struct FleetOptions {
  BrokerAddress broker;
  Scenario scenario;
  std::vector<DeviceAccount> devices;
  std::chrono::milliseconds answer_timeout{5000};  ///< then a message is sent again
  int tries = 3;
  bool json = false;    ///< one object a second, and a summary
  bool frames = false;  ///< prints every message
};

/// Acts all devices of a scenario until it ends or Ctrl-C comes, then ends their sessions in order.
/// status_done where everything was answered as the protocol wants.
int run_fleet(const FleetOptions& options, const Environment& env);

}  // namespace xgate::cli
