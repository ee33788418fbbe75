// SPDX-License-Identifier: Apache-2.0
#include "cli/simulate/tally.hpp"

#include <algorithm>
#include <cmath>

namespace xgate::cli {
namespace {

constexpr double ratio = 1.1;

}  // namespace

void Latencies::add(std::chrono::microseconds time) noexcept {
  const auto micros = static_cast<double>(std::max<std::int64_t>(time.count(), 1));
  const auto step = static_cast<std::size_t>(std::log(micros) / std::log(ratio));
  ++counts_[std::min(step, steps - 1)];
  ++total_;
}

double Latencies::milliseconds_at(double quantile) const noexcept {
  if (total_ == 0) return 0;
  const auto wanted = static_cast<std::uint64_t>(std::ceil(quantile * static_cast<double>(total_)));
  std::uint64_t seen = 0;
  for (std::size_t step = 0; step < steps; ++step) {
    seen += counts_[step];
    if (seen >= std::max<std::uint64_t>(wanted, 1))
      return std::pow(ratio, static_cast<double>(step) + 0.5) / 1000.0;
  }
  return 0;
}

}  // namespace xgate::cli
