// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>
#include <tl/expected.hpp>

#include "protocol/device_time.hpp"

namespace xgate::protocol {

/// One value out of a history report. The views point into the payload.
struct HistoryItem {
  bool is_event = false;
  std::string_view identifier;
  const nlohmann::json* value = nullptr;  ///< of a bad item all there is under its identifier
  std::int64_t time_ms = 0;               ///< the device's; of a bad item when it was received
  std::string problem;                    ///< why the item is bad, naming it; empty: it is good
};

/// HIST-1: {"params":[{"properties":[{id:{"value","time"}}],"events":[…]}]}, in its order. Times
/// are whole milliseconds, as numbers or texts of digits, not before 2000 and at most a day ahead
/// of `received_at_ms`. What names no identifier cannot be kept either: an error, in one sentence.
tl::expected<std::vector<HistoryItem>, std::string> parse_history(const nlohmann::json& payload,
                                                                  std::int64_t received_at_ms);

}  // namespace xgate::protocol
