// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/load/result.hpp"

#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

namespace xgate::benchmarks {
namespace {

const char* name_of(Mode mode) {
  switch (mode) {
    case Mode::connect:
      return "connect";
    case Mode::publish:
      return "publish";
    default:
      return "uplink";
  }
}

double microseconds(double nanoseconds) { return std::round(nanoseconds / 10.0) / 100.0; }

nlohmann::json latency(const Histogram& times) {
  const auto at = [&](double share) { return microseconds(static_cast<double>(times.at(share))); };
  return {{"count", times.count()},
          {"p50", at(0.5)},
          {"p90", at(0.9)},
          {"p99", at(0.99)},
          {"p999", at(0.999)},
          {"max", microseconds(static_cast<double>(times.max()))},
          {"mean", microseconds(times.mean())}};
}

}  // namespace

std::string to_json(const Options& options, const Result& result) {
  const auto operations = static_cast<double>(std::max<std::uint64_t>(result.operations, 1));
  nlohmann::json processor = nlohmann::json::object();
  for (const auto& [name, seconds] : result.processor_seconds) {
    processor[name] = {{"seconds", seconds},
                       {"us_per_operation", microseconds(seconds * 1e9 / operations)}};
  }
  const Counters& all = result.counters;
  return nlohmann::json{
      {"mode", name_of(options.mode)},
      {"connections", options.connections},
      {"ended", result.ended},
      {"seconds", result.seconds},
      {"operations", result.operations},
      {"rate", result.seconds > 0 ? static_cast<double>(result.operations) / result.seconds : 0.0},
      {"latency_us", latency(result.latency)},
      {"processor", std::move(processor)},
      {"logins", all.logins},
      {"logins_failed", all.logins_failed},
      {"connections_lost", all.connections_lost},
      {"sent", all.sent},
      {"acked", all.acked},
      {"refused", all.refused},
      {"timed_out", all.timed_out},
      {"unanswered", all.unanswered}}
      .dump();
}

}  // namespace xgate::benchmarks
