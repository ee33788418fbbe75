// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/load/histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace xgate::benchmarks {

std::size_t Histogram::bucket_of(std::uint64_t value) noexcept {
  constexpr std::uint64_t linear = std::uint64_t{1} << sub_bits;
  if (value < linear) return static_cast<std::size_t>(value);
  const int shift =
      std::bit_width(value) - 1 - sub_bits;  // of its leading bits, the first is implied
  const std::uint64_t low = (value >> shift) & (linear - 1);
  return ((static_cast<std::size_t>(shift) + 1) << sub_bits) + static_cast<std::size_t>(low);
}

std::uint64_t Histogram::end_of(std::size_t bucket) noexcept {
  constexpr std::uint64_t linear = std::uint64_t{1} << sub_bits;
  if (bucket < linear) return bucket;
  const std::size_t shift = (bucket >> sub_bits) - 1;
  const std::uint64_t low = (bucket & (linear - 1)) | linear;
  return ((low + 1) << shift) - 1;
}

void Histogram::add(std::int64_t nanoseconds) noexcept {
  const std::int64_t value = std::max<std::int64_t>(nanoseconds, 0);
  counts_[std::min(bucket_of(static_cast<std::uint64_t>(value)), buckets - 1)] += 1;
  count_ += 1;
  max_ = std::max(max_, value);
  sum_ += static_cast<double>(value);
}

double Histogram::mean() const noexcept {
  return count_ == 0 ? 0 : sum_ / static_cast<double>(count_);
}

std::int64_t Histogram::at(double share) const noexcept {
  if (count_ == 0) return 0;
  const auto wanted = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_)));
  const std::uint64_t rank = std::clamp<std::uint64_t>(wanted, 1, count_);
  std::uint64_t seen = 0;
  for (std::size_t bucket = 0; bucket < buckets; ++bucket) {
    seen += counts_[bucket];
    if (seen >= rank) return std::min(max_, static_cast<std::int64_t>(end_of(bucket)));
  }
  return max_;
}

}  // namespace xgate::benchmarks
