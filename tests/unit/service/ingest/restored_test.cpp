// SPDX-License-Identifier: Apache-2.0
#include "service/ingest/restored.hpp"

#include <string>

#include <gtest/gtest.h>

#include "link/events.hpp"
#include "link/topics.hpp"

namespace xgate::ingest {
namespace {

mqtt::Publish uplink() { return {"/sys/O/P/N/uplink", "{}", 1, false, false, {}}; }
mqtt::Publish events(const std::string& epoch) {
  link::EventBatch batch;
  batch.broker = "local";
  batch.epoch = epoch;
  batch.sequence = 1;
  return {std::string(link::events_topic), link::encode(batch), 1, false, false, {}};
}

TEST(Restored, what_stands_before_the_first_events_of_a_new_life_is) {
  Restored restored;
  restored.seen("B");
  restored.connected(true, "D");
  EXPECT_TRUE(restored.holds(uplink()));
  // the file may hold the beginning of another life, too
  EXPECT_TRUE(restored.holds(events("C")));
  EXPECT_TRUE(restored.holds(uplink()));
  EXPECT_FALSE(restored.holds(events("D")));
  EXPECT_FALSE(restored.holds(uplink()));
}

TEST(Restored, a_connection_lost_and_made_again_restores_nothing) {
  Restored restored;
  restored.seen("A");
  restored.connected(true, "A");
  EXPECT_FALSE(restored.holds(uplink()));
  restored.connected(true, "B");
  EXPECT_FALSE(restored.holds(events("B")));
  restored.connected(true, "B");
  EXPECT_FALSE(restored.holds(uplink()));
}

TEST(Restored, lasts_over_a_connection_that_ends_in_the_middle) {
  Restored restored;
  restored.seen("A");
  restored.connected(true, "B");
  EXPECT_TRUE(restored.holds(uplink()));
  restored.connected(true, "B");
  EXPECT_TRUE(restored.holds(uplink()));
}

TEST(Restored, without_a_stored_session_there_is_nothing) {
  Restored restored;
  restored.seen("A");
  restored.connected(false, "B");
  EXPECT_FALSE(restored.holds(uplink()));
  restored.connected(true, "B");
  EXPECT_FALSE(restored.holds(uplink()));
}

TEST(Restored, a_broker_that_does_not_tell_is_believed_and_forgets_nothing) {
  Restored restored;
  restored.seen("A");
  restored.connected(true, "");
  EXPECT_FALSE(restored.holds(uplink()));
  restored.connected(true, "B");
  EXPECT_TRUE(restored.holds(uplink()));
}

TEST(Restored, a_service_that_knows_no_life_yet_takes_all_for_restored) {
  Restored restored;
  restored.connected(true, "A");
  EXPECT_TRUE(restored.holds(uplink()));
  restored.over();
  EXPECT_FALSE(restored.holds(uplink()));
}

}  // namespace
}  // namespace xgate::ingest
