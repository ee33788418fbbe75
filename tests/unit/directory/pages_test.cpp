// SPDX-License-Identifier: Apache-2.0
#include "directory/pages.hpp"

#include <algorithm>
#include <cstdint>
#include <span>
#include <utility>

#include <gtest/gtest.h>

namespace xgate::directory {
namespace {

bool is_zero(const Pages& pages) {
  return std::ranges::all_of(std::span(pages.data(), pages.size()),
                             [](std::byte byte) { return byte == std::byte{0}; });
}

TEST(Pages, are_zero_and_at_least_what_was_asked_for) {
  for (const bool large : {false, true}) {
    for (const std::size_t size : {std::size_t{1}, Pages::large_page, Pages::large_page + 1}) {
      const Pages pages(size, large);
      EXPECT_GE(pages.size(), size);
      EXPECT_TRUE(is_zero(pages));
      pages.data()[pages.size() - 1] = std::byte{1};
    }
  }
}

TEST(Pages, large_ones_begin_where_a_large_page_may) {
  const Pages first(3 * Pages::large_page, true);
  const Pages second(Pages::large_page, true);
  for (const Pages* pages : {&first, &second}) {
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(pages->data()) % Pages::large_page, 0U);
  }
}

TEST(Pages, move_and_may_be_none) {
  Pages one(100, false);
  std::byte* data = one.data();
  Pages other(std::move(one));
  EXPECT_EQ(other.data(), data);
  Pages third(200, false);
  third = std::move(other);
  EXPECT_EQ(third.data(), data);
  EXPECT_EQ(Pages().data(), nullptr);
  EXPECT_EQ(Pages(0, true).size(), 0U);
}

}  // namespace
}  // namespace xgate::directory
