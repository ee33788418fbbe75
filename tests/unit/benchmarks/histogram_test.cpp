// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/load/histogram.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace xgate::benchmarks {
namespace {

TEST(Histogram, EmptySaysZero) {
  const Histogram times;
  EXPECT_EQ(times.count(), 0U);
  EXPECT_EQ(times.at(0.99), 0);
  EXPECT_EQ(times.mean(), 0);
}

TEST(Histogram, SmallTimesAreExact) {
  Histogram times;
  for (int i = 1; i <= 60; ++i) times.add(i);
  EXPECT_EQ(times.at(0.5), 30);
  EXPECT_EQ(times.at(1), 60);
  EXPECT_EQ(times.max(), 60);
  EXPECT_DOUBLE_EQ(times.mean(), 30.5);
}

TEST(Histogram, AnyShareIsTrueToOnePartIn64) {
  std::minstd_rand random(7);
  std::uniform_real_distribution<double> power(0, 40);
  Histogram times;
  std::vector<std::int64_t> all;
  for (int i = 0; i < 100'000; ++i) {
    all.push_back(static_cast<std::int64_t>(std::exp2(power(random))));
    times.add(all.back());
  }
  std::ranges::sort(all);
  for (const double share : {0.001, 0.1, 0.5, 0.9, 0.99, 0.999}) {
    const auto rank =
        static_cast<std::size_t>(std::ceil(share * static_cast<double>(all.size()))) - 1;
    const auto exact = static_cast<double>(all[rank]);
    EXPECT_GE(static_cast<double>(times.at(share)), exact) << share;
    EXPECT_LE(static_cast<double>(times.at(share)), exact * (1 + 1.0 / 64) + 1) << share;
  }
}

TEST(Histogram, OneLongTimeIsSeenAndNotOverstated) {
  Histogram times;
  for (int i = 0; i < 999; ++i) times.add(1000);
  times.add(10'000'000'007);
  EXPECT_LT(times.at(0.999), 1032);
  EXPECT_EQ(times.at(0.9999), 10'000'000'007);
}

TEST(Histogram, NegativeAndHugeTimesStayInside) {
  Histogram times;
  times.add(-5);
  times.add(INT64_MAX);
  EXPECT_EQ(times.at(0.5), 0);
  EXPECT_EQ(times.at(1), INT64_MAX);
}

}  // namespace
}  // namespace xgate::benchmarks
