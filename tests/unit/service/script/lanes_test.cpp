// SPDX-License-Identifier: Apache-2.0
#include "service/script/lanes.hpp"

#include <gmock/gmock.h>

namespace xgate::script {
namespace {

using testing::ElementsAre;

const auto text = std::make_shared<const std::string>("script");

Pending pending(const std::string& product, const std::string& input = "") {
  return {{.program = {product, 1, text},
           .function = Call::Function::raw_data_to_protocol,
           .input = input},
          [](Outcome) {},
          false};
}

std::vector<std::string> inputs(const std::vector<Pending>& calls) {
  std::vector<std::string> all;
  for (const Pending& one : calls) all.push_back(one.call.input);
  return all;
}

TEST(Lanes, a_turn_is_the_waiting_calls_of_one_product) {
  Lanes lanes;
  lanes.add(pending("A", "1"), 0);
  lanes.add(pending("B", "2"), 0);
  lanes.add(pending("A", "3"), 0);
  auto first = lanes.take(false, 0);
  EXPECT_THAT(inputs(first->calls), ElementsAre("1", "3"));
  lanes.add(pending("A", "4"), 0);
  auto second = lanes.take(false, 0);
  EXPECT_THAT(inputs(second->calls), ElementsAre("2"));
  EXPECT_FALSE(lanes.take(false, 0)) << "A is being served: one process at a time";
  lanes.end(*first->lane, {}, 0);
  EXPECT_THAT(inputs(lanes.take(false, 0)->calls), ElementsAre("4"));
}

TEST(Lanes, what_was_not_run_comes_first_at_the_next_turn) {
  Lanes lanes;
  for (const char* input : {"1", "2", "3"}) lanes.add(pending("A", input), 0);
  auto turn = lanes.take(false, 0);
  lanes.add(pending("A", "4"), 0);
  std::vector<Pending> rest;
  rest.push_back(std::move(turn->calls[1]));
  rest.push_back(std::move(turn->calls[2]));
  lanes.end(*turn->lane, std::move(rest), 0);
  EXPECT_THAT(inputs(lanes.take(false, 0)->calls), ElementsAre("2", "3", "4"));
}

TEST(Lanes, who_ran_over_a_limit_is_served_apart_one_by_one_for_a_while) {
  Lanes lanes;
  lanes.add(pending("A", "1"), 0);
  auto turn = lanes.take(false, 0);
  Lanes::note_limit(*turn->lane, 0);
  lanes.end(*turn->lane, {}, 0);
  for (const char* input : {"2", "3"}) lanes.add(pending("A", input), 1);
  EXPECT_FALSE(lanes.take(false, 1));
  auto apart = lanes.take(true, 1);
  EXPECT_THAT(inputs(apart->calls), ElementsAre("2"));
  lanes.end(*apart->lane, {}, Lanes::apart_ms + 1);
  EXPECT_THAT(inputs(lanes.take(false, Lanes::apart_ms + 1)->calls), ElementsAre("3"));
}

TEST(Lanes, an_offenders_calls_beyond_its_share_are_refused_in_their_place) {
  Lanes lanes;
  lanes.add(pending("A"), 0);
  auto turn = lanes.take(false, 0);
  Lanes::note_limit(*turn->lane, 0);
  for (int i = 0; i < 20; ++i) Lanes::note_cost(*turn->lane, 100'000'000);
  lanes.end(*turn->lane, {}, 0);
  for (const char* input : {"1", "2", "3", "4", "5"}) lanes.add(pending("A", input), 0);
  for (const char* input : {"1", "2", "3"}) {
    auto next = lanes.take(true, 0);
    EXPECT_TRUE(next->refused.empty());
    EXPECT_THAT(inputs(next->calls), ElementsAre(input));
    lanes.end(*next->lane, {}, 0);
  }
  auto last = lanes.take(true, 0);
  EXPECT_EQ(last->refused.size(), 2U);
  EXPECT_TRUE(last->calls.empty());
  lanes.end(*last->lane, {}, 0);
  EXPECT_TRUE(lanes.empty());
}

TEST(Lanes, calls_of_another_version_wait_for_the_next_turn) {
  Lanes lanes;
  lanes.add(pending("A", "1"), 0);
  Pending newer = pending("A", "2");
  newer.call.program.source = std::make_shared<const std::string>("another script");
  lanes.add(std::move(newer), 0);
  auto turn = lanes.take(false, 0);
  EXPECT_THAT(inputs(turn->calls), ElementsAre("1"));
}

}  // namespace
}  // namespace xgate::script
