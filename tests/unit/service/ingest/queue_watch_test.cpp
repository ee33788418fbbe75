// SPDX-License-Identifier: Apache-2.0
#include "service/ingest/queue_watch.hpp"

#include <gtest/gtest.h>

namespace xgate::ingest {
namespace {

link::EventBatch batch(std::string epoch, std::uint64_t queued, std::uint64_t limit_1 = 0) {
  link::EventBatch made;
  made.epoch = std::move(epoch);
  made.counts_queue = true;
  made.queued_messages = queued;
  made.exceeded[0] = limit_1;
  return made;
}

TEST(QueueWatch, what_was_put_in_and_did_not_come_was_dropped) {
  QueueWatch watch;
  watch.hear(batch("A", 7), {1, 0});
  EXPECT_EQ(watch.hear(batch("A", 10), {1, 3}).dropped, 0);
  EXPECT_EQ(watch.hear(batch("A", 20), {1, 13}).dropped, 0);
  EXPECT_EQ(watch.hear(batch("A", 50), {1, 36}).dropped, 7);
  EXPECT_EQ(watch.hear(batch("A", 60), {1, 46}).dropped, 0);
}

TEST(QueueWatch, what_comes_between_a_sum_and_its_batch_is_not_missing_later) {
  QueueWatch watch;
  watch.hear(batch("A", 10), {1, 11});
  EXPECT_EQ(watch.hear(batch("A", 20), {1, 20}).dropped, 0);
  EXPECT_EQ(watch.hear(batch("A", 30), {1, 32}).dropped, 0);
  EXPECT_EQ(watch.hear(batch("A", 40), {1, 40}).dropped, 0);
  EXPECT_EQ(watch.hear(batch("A", 50), {1, 48}).dropped, 2);
  EXPECT_EQ(watch.hear(batch("A", 60), {1, 59}).dropped, 0);  // one came early
  EXPECT_EQ(watch.hear(batch("A", 70), {1, 68}).dropped, 0);
}

TEST(QueueWatch, batches_that_were_told_together_are_one) {
  QueueWatch watch;
  watch.hear(batch("A", 10), {1, 10});
  EXPECT_EQ(watch.hear(batch("A", 10), {1, 11}).dropped, 0);
  EXPECT_EQ(watch.hear(batch("A", 10), {1, 12}).dropped, 0);
  EXPECT_EQ(watch.hear(batch("A", 15), {1, 15}).dropped, 0);
}

TEST(QueueWatch, another_connection_or_life_begins_anew) {
  QueueWatch watch;
  watch.hear(batch("A", 1000), {1, 10});
  EXPECT_EQ(watch.hear(batch("A", 2000), {2, 0}).dropped, 0);
  EXPECT_EQ(watch.hear(batch("A", 2010), {2, 8}).dropped, 0);
  EXPECT_EQ(watch.hear(batch("A", 2020), {2, 16}).dropped, 2);
  EXPECT_EQ(watch.hear(batch("B", 0), {2, 9}).dropped, 0);
}

TEST(QueueWatch, limits_count_what_was_added) {
  QueueWatch watch;
  EXPECT_EQ(watch.hear(batch("A", 1, 500), {1, 1}).exceeded[0], 0);  // before our time
  EXPECT_EQ(watch.hear(batch("A", 2, 507), {1, 2}).exceeded[0], 7);
  EXPECT_EQ(watch.hear(batch("B", 1, 3), {1, 3}).exceeded[0], 3);  // a life that began in ours
}

TEST(QueueWatch, batches_that_come_again_are_not_counted_again) {
  QueueWatch watch;
  watch.hear(batch("A", 1, 0), {1, 1});
  EXPECT_EQ(watch.hear(batch("A", 2, 80), {1, 2}).exceeded[0], 80);
  EXPECT_EQ(watch.hear(batch("A", 3, 100), {1, 3}).exceeded[0], 20);
  EXPECT_EQ(watch.hear(batch("A", 2, 80), {2, 0}).exceeded[0], 0);
  EXPECT_EQ(watch.hear(batch("A", 3, 100), {2, 1}).exceeded[0], 0);
  EXPECT_EQ(watch.hear(batch("A", 9, 101), {2, 2}).exceeded[0], 1);
}

TEST(QueueState, says_what_an_operator_should_know) {
  QueueState state;
  EXPECT_EQ(state.detail(1000), "");
  QueueWatch::News news;
  state.add(news, 1000);
  EXPECT_EQ(state.detail(1000), "");
  news.dropped = 3;
  news.exceeded[static_cast<std::size_t>(link::Limit::queue)] = 20;
  state.add(news, 1000);
  EXPECT_EQ(state.detail(6000),
            "the broker's queue for the service was full: 20 messages were refused (LIMIT-7) and 3 "
            "dropped, the last 5 s ago");
}

}  // namespace
}  // namespace xgate::ingest
