// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstdint>

namespace xgate::benchmarks {

/// When each operation of an open loop is meant to begin: evenly spaced, never put off by what came
/// before.
class Pace {
 public:
  Pace(double per_second, std::int64_t start_ns) noexcept
      : gap_ns_(1e9 / per_second), start_ns_(start_ns) {}
  /// The time of the next operation, which take() hands out.
  std::int64_t next() const noexcept {
    return start_ns_ +
           static_cast<std::int64_t>(std::llround(gap_ns_ * static_cast<double>(taken_)));
  }
  bool due(std::int64_t now_ns) const noexcept { return next() <= now_ns; }
  std::int64_t take() noexcept {
    const std::int64_t time = next();
    ++taken_;
    return time;
  }

 private:
  double gap_ns_;
  std::int64_t start_ns_;
  std::uint64_t taken_ = 0;
};

}  // namespace xgate::benchmarks
