// SPDX-License-Identifier: Apache-2.0
#include "service/ingest/ack_order.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace xgate::ingest {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct AckOrderTest : ::testing::Test {
  AckOrder order;
  void arrive(std::uint16_t id, std::uint64_t connection = 1) { order.arrived({connection, id}); }
  std::vector<int> done(std::uint16_t id, std::uint64_t connection = 1) {
    std::vector<mqtt::AckToken> ready;
    order.done({connection, id}, ready);
    std::vector<int> ids;
    for (const auto& token : ready) ids.push_back(token.packet_id);
    return ids;
  }
};

TEST_F(AckOrderTest, what_is_done_early_waits_for_what_came_before_it) {
  for (const std::uint16_t id : {7, 8, 9}) arrive(id);
  EXPECT_THAT(done(8), IsEmpty());
  EXPECT_THAT(done(7), ElementsAre(7, 8));
  EXPECT_THAT(done(9), ElementsAre(9));
}

TEST_F(AckOrderTest, a_packet_id_may_be_used_again) {
  arrive(7);
  EXPECT_THAT(done(7), ElementsAre(7));
  arrive(8);
  arrive(7);
  EXPECT_THAT(done(7), IsEmpty());
  EXPECT_THAT(done(8), ElementsAre(8, 7));
}

TEST_F(AckOrderTest, a_lost_connection_leaves_nothing_to_wait_for) {
  arrive(7);
  arrive(8);
  arrive(8, 2);
  EXPECT_THAT(done(7), IsEmpty()) << "a token of the connection before";
  EXPECT_THAT(done(8), IsEmpty());
  EXPECT_THAT(done(8, 2), ElementsAre(8));
}

TEST_F(AckOrderTest, qos_0_is_not_acknowledged_and_holds_nothing_up) {
  arrive(0);
  arrive(7);
  EXPECT_THAT(done(0), IsEmpty());
  EXPECT_THAT(done(7), ElementsAre(7));
}

}  // namespace
}  // namespace xgate::ingest
