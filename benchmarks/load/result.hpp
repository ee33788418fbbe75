// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "benchmarks/load/histogram.hpp"
#include "benchmarks/load/options.hpp"

namespace xgate::benchmarks {

struct Counters {
  std::uint64_t logins = 0;
  std::uint64_t logins_failed = 0;
  std::uint64_t connections_lost = 0;
  std::uint64_t sent = 0;
  std::uint64_t acked = 0;    ///< PUBACK, or Code 200
  std::uint64_t refused = 0;  ///< PUBACK with a failure, or another Code
  std::uint64_t timed_out = 0;
  std::uint64_t unanswered = 0;  ///< under way when the connection was lost, or at the end
};

struct Result {
  std::string ended;  ///< "duration", "count" or "signal"
  double seconds = 0;
  std::uint64_t operations = 0;  ///< done in the measured time
  Histogram latency;             ///< of those that were also meant to begin in it
  Counters counters;             ///< of the whole run
  std::vector<std::pair<std::string, double>> processor_seconds;  ///< in the measured time
};

/// One JSON object, without a line's end.
std::string to_json(const Options& options, const Result& result);

}  // namespace xgate::benchmarks
