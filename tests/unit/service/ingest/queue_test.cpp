// SPDX-License-Identifier: Apache-2.0
#include "service/ingest/queue.hpp"

#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace xgate::ingest {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Level = Queue<int>::Level;

TEST(Queue, gives_what_is_there_in_order_up_to_the_most) {
  Queue<int> queue(10, {});
  for (int i = 1; i <= 3; ++i) queue.push(i);
  EXPECT_THAT(queue.take(2), ElementsAre(1, 2));
  EXPECT_THAT(queue.take(2), ElementsAre(3));
}

TEST(Queue, says_full_at_its_bound_and_drops_nothing_beyond_it) {
  Queue<int> queue(2, {});
  EXPECT_EQ(queue.push(1), Level::open);
  EXPECT_EQ(queue.push(2), Level::full);
  EXPECT_EQ(queue.push(3), Level::full) << "read before the reading stopped";
  EXPECT_THAT(queue.take(10), ElementsAre(1, 2, 3));
}

TEST(Queue, is_full_by_bytes_too) {
  int drained = 0;
  Queue<int> queue(
      10, [&] { ++drained; }, 100);
  EXPECT_EQ(queue.push(1, 60), Level::open);
  EXPECT_EQ(queue.push(2, 60), Level::full);
  queue.take(1);
  EXPECT_TRUE(queue.full()) << "more than half of the bytes";
  queue.take(1);
  EXPECT_EQ(drained, 1);
}

TEST(Queue, a_batch_keeps_to_its_bytes_but_is_never_empty) {
  Queue<int> queue(10, {});
  queue.push(1, 500);
  queue.push(2, 40);
  queue.push(3, 60);
  queue.push(4, 1);
  EXPECT_THAT(queue.take(10, 100), ElementsAre(1)) << "alone, for it is larger than a batch";
  EXPECT_THAT(queue.take(10, 100), ElementsAre(2, 3));
  EXPECT_THAT(queue.take(10, 100), ElementsAre(4));
}

TEST(Queue, tells_once_when_it_has_drained_to_half) {
  int drained = 0;
  Queue<int> queue(4, [&] { ++drained; });
  for (int i = 0; i < 4; ++i) queue.push(i);
  queue.take(1);
  EXPECT_EQ(drained, 0);
  EXPECT_TRUE(queue.full()) << "no flapping at the bound";
  queue.take(1);
  EXPECT_EQ(drained, 1);
  EXPECT_FALSE(queue.full());
  queue.take(2);
  EXPECT_EQ(drained, 1);
}

TEST(Queue, closed_gives_what_is_left_and_then_nothing) {
  Queue<int> queue(4, {});
  queue.push(1);
  queue.close();
  EXPECT_THAT(queue.take(10), ElementsAre(1));
  EXPECT_THAT(queue.take(10), IsEmpty());
}

TEST(Queue, wakes_who_waits) {
  Queue<int> queue(4, {});
  std::vector<int> got;
  std::thread taker([&] { got = queue.take(10); });
  queue.push(7);
  taker.join();
  EXPECT_THAT(got, ElementsAre(7));
  std::thread last([&] { got = queue.take(10); });
  queue.close();
  last.join();
  EXPECT_THAT(got, IsEmpty());
  EXPECT_TRUE(queue.wait_closed(std::chrono::hours(1)));
}

}  // namespace
}  // namespace xgate::ingest
