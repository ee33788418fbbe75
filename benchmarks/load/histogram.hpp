// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace xgate::benchmarks {

/// Counts of times by their size, true to 1 part in 64 at every size, in fixed memory. Nothing is
/// sampled or dropped, so that a p99.9 of millions is as good as one of thousands.
class Histogram {
 public:
  void add(std::int64_t nanoseconds) noexcept;
  std::uint64_t count() const noexcept { return count_; }
  std::int64_t max() const noexcept { return max_; }
  double mean() const noexcept;
  /// The smallest time that `share` (0 to 1) of all do not exceed, rounded up to its bucket's end
  /// and never above max(); 0 where there are none.
  std::int64_t at(double share) const noexcept;

 private:
  static constexpr int sub_bits = 6;  // 64 buckets for each doubling
  static constexpr std::size_t buckets = std::size_t{64 - sub_bits} << sub_bits;
  static std::size_t bucket_of(std::uint64_t value) noexcept;
  static std::uint64_t end_of(std::size_t bucket) noexcept;

  std::array<std::uint64_t, buckets> counts_{};
  std::uint64_t count_ = 0;
  std::int64_t max_ = 0;
  double sum_ = 0;
};

}  // namespace xgate::benchmarks
