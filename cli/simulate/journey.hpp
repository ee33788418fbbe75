// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>

#include "cli/output.hpp"
#include "cli/simulate/account.hpp"
#include "texts/texts.hpp"

namespace xgate::cli {

/// One device's whole way: AUTH- login → its secret → V2_ login → time → firmware → uplinks.
struct JourneyOptions : BrokerAddress, DeviceAccount {
  std::string hard_ver = "1.0";
  std::string soft_ver = "1.0.0";
  int uplinks = 3;
  std::chrono::milliseconds interval{1000};
  std::string payload;  ///< JSON; empty: a counter and a temperature that changes
  /// Stays this long after the last uplink, printing what the platform sends (Command 3, 7).
  std::chrono::milliseconds linger{0};

  std::chrono::milliseconds answer_timeout{5000};  ///< then the request is sent again
  int tries = 3;                                   ///< §5.1 recommends 2–3 resends

  bool json = false;   ///< one JSON object a step instead of text
  bool color = false;  ///< set by the caller where `out` is a terminal
  texts::Language language = texts::Language::en;
};

/// Prints each step to `out`. 0: every step was answered as the protocol wants; 1: one was not
/// (the last line says which, and what to do); 2: the options cannot be used.
int run_journey(const JourneyOptions& options, const Output& out);

}  // namespace xgate::cli
