// SPDX-License-Identifier: Apache-2.0
#include "service/script/lanes.hpp"

#include <gmock/gmock.h>

namespace xgate::script {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;
using News = Lanes::News;

constexpr auto sentence = "the parsing script ran longer than 50 ms";
constexpr double loop_us = 50'000;

Program program(const std::string& product, std::int64_t version = 1) {
  return {product, version,
          std::make_shared<const std::string>("script " + std::to_string(version))};
}

Pending pending(const std::string& product, const std::string& input = "",
                std::int64_t version = 1) {
  return {{.program = program(product, version),
           .function = Call::Function::raw_data_to_protocol,
           .input = input},
          [](Outcome) {},
          {},
          0};
}

std::vector<std::string> inputs(const std::vector<Pending>& calls) {
  std::vector<std::string> all;
  for (const Pending& one : calls) all.push_back(one.call.input);
  return all;
}

/// Calls of products A and B, whose scripts are version 1 unless said otherwise, and have run well.
class LanesTest : public testing::Test {
 protected:
  LanesTest() {
    for (const char* product : {"A", "B"}) prove(product);
  }
  void prove(const std::string& product) {
    lanes_.add(pending(product), 0);
    run_well(true, 0);
  }
  void add(const std::vector<std::string>& names, std::int64_t now_ms = 0) {
    for (const auto& name : names) lanes_.add(pending("A", name), now_ms);
  }
  /// Runs the next call there, over a limit or for so long.
  News run_over(bool apart, std::int64_t now_ms, double time_us = loop_us) {
    auto turn = lanes_.take(apart, now_ms);
    if (!turn) return News::none;
    const News news =
        Lanes::note_limit(*turn->lane, turn->calls.front().call, time_us, sentence, now_ms);
    turn->calls.erase(turn->calls.begin());
    lanes_.end(*turn->lane, std::move(turn->calls), now_ms);
    return news;
  }
  News run_well(bool apart, std::int64_t now_ms, double time_us = 10) {
    auto turn = lanes_.take(apart, now_ms);
    if (!turn) return News::none;
    News news = News::none;
    for (const Pending& one : turn->calls) {
      news = Lanes::note_good(*turn->lane, one.call, time_us, now_ms);
    }
    lanes_.end(*turn->lane, {}, now_ms);
    return news;
  }
  /// Until its allowance is used up.
  void tire(std::int64_t now_ms = 0) {
    add({"first"}, now_ms);
    run_over(false, now_ms);
    for (int i = 0; i < 4; ++i) {
      add({"again"}, now_ms);
      run_over(true, now_ms);
    }
  }

  Lanes lanes_;
};

TEST_F(LanesTest, a_turn_is_the_waiting_calls_of_one_product) {
  lanes_.add(pending("A", "1"), 0);
  lanes_.add(pending("B", "2"), 0);
  lanes_.add(pending("A", "3"), 0);
  auto first = lanes_.take(false, 0);
  EXPECT_THAT(inputs(first->calls), ElementsAre("1", "3"));
  lanes_.add(pending("A", "4"), 0);
  auto second = lanes_.take(false, 0);
  EXPECT_THAT(inputs(second->calls), ElementsAre("2"));
  EXPECT_FALSE(lanes_.take(false, 0)) << "A is being served: one process at a time";
  lanes_.end(*first->lane, {}, 0);
  EXPECT_THAT(inputs(lanes_.take(false, 0)->calls), ElementsAre("4"));
}

TEST_F(LanesTest, HEX_4_only_callers_whose_calls_ran_over_rest_when_the_allowance_is_used_up) {
  const auto of = [](const std::string& caller, const std::string& input) {
    auto one = pending("A", input);
    one.call.caller = caller;
    return one;
  };
  for (int i = 0; i < 5; ++i) {
    lanes_.add(of("bad", "loops"), 0);
    run_over(i > 0, 0);
  }
  lanes_.add(of("bad", "refused"), 0);
  lanes_.add(of("good", "run"), 0);
  EXPECT_THAT(inputs(lanes_.take_refused(0)), ElementsAre(""));
  EXPECT_THAT(inputs(lanes_.take(true, 0)->calls), ElementsAre("run"));
}

TEST_F(LanesTest, HEX_4_a_script_that_many_callers_run_over_its_limits_rests_for_all) {
  for (std::size_t i = 0; i < Lanes::offenders_most; ++i) {
    auto one = pending("A", "loops");
    one.call.caller = "device" + std::to_string(i);
    lanes_.add(std::move(one), 0);
    run_over(i > 0, 0);
  }
  auto other = pending("A", "refused too");
  other.call.caller = "another";
  lanes_.add(std::move(other), 0);
  EXPECT_THAT(lanes_.take_refused(0), SizeIs(1));
}

TEST_F(LanesTest, what_was_not_run_comes_first_at_the_next_turn) {
  add({"1", "2", "3"});
  auto turn = lanes_.take(false, 0);
  add({"4"});
  std::vector<Pending> rest;
  rest.push_back(std::move(turn->calls[1]));
  rest.push_back(std::move(turn->calls[2]));
  lanes_.end(*turn->lane, std::move(rest), 0);
  EXPECT_THAT(inputs(lanes_.take(false, 0)->calls), ElementsAre("2", "3", "4"));
}

TEST_F(LanesTest, a_script_that_has_not_ended_a_call_well_is_served_apart_and_not_refused) {
  lanes_.add(pending("new", "1"), 0);
  lanes_.add(pending("new", "2"), 0);
  EXPECT_FALSE(lanes_.take(false, 0));
  EXPECT_EQ(run_well(true, 0), News::none);
  EXPECT_FALSE(lanes_.take(true, 0));
  EXPECT_THAT(inputs(lanes_.take(false, 0)->calls), ElementsAre("2"));
  EXPECT_THAT(lanes_.take_refused(0), SizeIs(0));
}

TEST_F(LanesTest, who_ran_over_a_limit_is_served_apart_until_a_call_ends_well_ten_seconds_later) {
  add({"1", "2"});
  EXPECT_EQ(run_over(false, 0), News::apart);
  EXPECT_FALSE(lanes_.take(false, 0));
  EXPECT_EQ(run_well(true, 1), News::none);
  add({"3", "4"}, Lanes::apart_ms);
  EXPECT_FALSE(lanes_.take(false, Lanes::apart_ms));
  auto turn = lanes_.take(true, Lanes::apart_ms);
  EXPECT_THAT(inputs(turn->calls), ElementsAre("3")) << "one by one";
  EXPECT_EQ(Lanes::note_good(*turn->lane, turn->calls.front().call, 10, Lanes::apart_ms),
            News::reformed);
  lanes_.end(*turn->lane, {}, Lanes::apart_ms);
  EXPECT_FALSE(lanes_.take(true, Lanes::apart_ms));
  EXPECT_THAT(inputs(lanes_.take(false, Lanes::apart_ms)->calls), ElementsAre("4"));
}

TEST_F(LanesTest, who_takes_long_is_served_apart_while_he_does) {
  add({"1"});
  run_well(false, 0, 20'000);
  add({"2", "3"});
  EXPECT_FALSE(lanes_.take(false, 0));
  for (int i = 0; i < 20; ++i) {
    add({"again"});
    run_well(true, 0);
  }
  EXPECT_FALSE(lanes_.take(true, 0));
  EXPECT_TRUE(lanes_.take(false, 0));
}

TEST_F(LanesTest, calls_that_waited_before_the_first_offence_are_judged_too) {
  std::vector<std::string> many(1'000, "x");
  add(many);
  run_over(false, 0);
  for (int i = 0; i < 4; ++i) run_over(true, 0);
  EXPECT_FALSE(lanes_.take(true, 0)) << "the allowance is used up";
  EXPECT_THAT(lanes_.take_refused(0), SizeIs(many.size() - 5));
  EXPECT_TRUE(lanes_.empty());
}

TEST_F(LanesTest, an_allowance_that_is_used_up_is_told_once_and_nothing_is_run_until_some_is_back) {
  tire();
  add({"refused"});
  EXPECT_FALSE(lanes_.take(true, 0));
  const auto refused = lanes_.take_refused(0);
  ASSERT_THAT(refused, SizeIs(1));
  EXPECT_THAT(refused.front().refused, HasSubstr("version 1"));
  EXPECT_THAT(refused.front().refused, HasSubstr(sentence));
  add({"tried"}, 1'000);
  EXPECT_EQ(run_over(true, 1'000), News::none) << "told once";
  add({"refused"}, 1'000);
  EXPECT_THAT(lanes_.take_refused(1'000), SizeIs(1));
}

TEST_F(LanesTest, the_fifth_loop_uses_up_the_allowance) {
  add({"1"});
  EXPECT_EQ(run_over(false, 0), News::apart);
  for (int i = 0; i < 3; ++i) {
    add({"x"});
    EXPECT_EQ(run_over(true, 0), News::none);
  }
  add({"5"});
  EXPECT_EQ(run_over(true, 0), News::rests);
}

TEST_F(LanesTest, a_newer_version_takes_over_what_waits_and_proves_itself_with_it) {
  add({"1", "2", "3"});
  run_over(false, 0);
  EXPECT_FALSE(lanes_.take(false, 0));
  lanes_.add(pending("A", "4", 2), 0);
  auto turn = lanes_.take(true, 0);
  ASSERT_THAT(inputs(turn->calls), ElementsAre("2"));
  EXPECT_EQ(turn->calls.front().call.program.version, 2);
  Lanes::note_good(*turn->lane, turn->calls.front().call, 10, 0);
  lanes_.end(*turn->lane, {}, 0);
  turn = lanes_.take(false, 0);
  EXPECT_THAT(inputs(turn->calls), ElementsAre("3", "4"));
  for (const Pending& one : turn->calls) EXPECT_EQ(one.call.program.version, 2);
}

TEST_F(LanesTest, a_newer_version_is_not_refused_for_the_older_one) {
  tire();
  lanes_.add(pending("A", "good", 2), 0);
  EXPECT_THAT(inputs(lanes_.take(true, 0)->calls), ElementsAre("good"));
}

TEST_F(LanesTest, a_newer_version_is_not_blamed_for_what_the_older_one_still_does) {
  add({"1"});
  auto turn = lanes_.take(false, 0);
  lanes_.add(pending("A", "2", 2), 0);
  EXPECT_EQ(Lanes::note_limit(*turn->lane, turn->calls.front().call, loop_us, sentence, 0),
            News::none);
  lanes_.end(*turn->lane, {}, 0);
  EXPECT_EQ(run_well(true, 0), News::none) << "nothing that it has to make up for";
  add({"3"});
  EXPECT_FALSE(lanes_.take(false, 0)) << "the older one again, which has to prove itself";
}

TEST_F(LanesTest, what_is_refused_keeps_its_place_behind_what_is_not) {
  add({"first"});
  run_over(false, 0, 1'000);
  add({"run"});
  Lanes::Lane* lane = nullptr;
  {
    auto turn = lanes_.take(true, 0);
    lane = turn->lane;
    Lanes::note_limit(*lane, turn->calls.front().call, 400'000, sentence, 0);
    add({"refused"});
    EXPECT_THAT(lanes_.take_refused(0), SizeIs(0)) << "the call before it is not answered yet";
  }
  lanes_.end(*lane, {}, 0);
  EXPECT_THAT(lanes_.take_refused(0), SizeIs(1));
}

TEST_F(LanesTest, offenders_together_may_have_so_much_waiting) {
  const auto offend = [&](const std::string& product) {
    lanes_.add(pending(product), 0);
    auto turn = lanes_.take(false, 0);
    // 100 ms a call are expected, and a part of the allowance is left
    for (int i = 0; i < 30; ++i) {
      Lanes::note_good(*turn->lane, turn->calls.front().call, 100'000, 0);
    }
    Lanes::note_limit(*turn->lane, turn->calls.front().call, 100'000, sentence, 0);
    lanes_.end(*turn->lane, {}, 0);
  };
  std::size_t run = 0;
  for (int i = 0; i < 10; ++i) prove("P" + std::to_string(i));
  for (int i = 0; i < 10; ++i) {
    const std::string product = "P" + std::to_string(i);
    offend(product);
    for (int call = 0; call < 5; ++call) lanes_.add(pending(product), 0);
  }
  std::size_t refused = lanes_.take_refused(0).size();
  while (auto turn = lanes_.take(true, 0)) {
    run += turn->calls.size();
    lanes_.end(*turn->lane, {}, 0);
    refused += lanes_.take_refused(0).size();
  }
  EXPECT_EQ(run + refused, 50U);
  EXPECT_GT(run, 5U);
  EXPECT_LT(run, 15U) << "about a second of work";
  EXPECT_TRUE(lanes_.empty());
}

TEST_F(LanesTest, an_offenders_call_waits_a_second_for_a_process_and_no_longer) {
  add({"1"});
  run_over(false, 0);
  add({"2"}, 1);
  EXPECT_THAT(lanes_.take_refused(1 + Lanes::offender_waits_ms), SizeIs(0));
  const auto refused = lanes_.take_refused(2 + Lanes::offender_waits_ms);
  ASSERT_THAT(refused, SizeIs(1));
  EXPECT_THAT(refused.front().refused, HasSubstr("the machine is busy"));
  EXPECT_TRUE(lanes_.empty());
}

TEST_F(LanesTest, tries_are_never_refused_for_what_others_tried) {
  for (int i = 0; i < 20; ++i) {
    lanes_.add(pending("", "x", i), 0);
    auto turn = lanes_.take(true, 0);
    ASSERT_TRUE(turn) << i;
    Lanes::note_limit(*turn->lane, turn->calls.front().call, 100'000, sentence, 0);
    lanes_.end(*turn->lane, {}, 0);
  }
}

TEST_F(LanesTest, calls_of_an_older_version_wait_for_a_turn_of_their_own) {
  lanes_.add(pending("A", "2", 2), 0);
  lanes_.add(pending("A", "1", 1), 0);
  EXPECT_THAT(inputs(lanes_.take(true, 0)->calls), ElementsAre("2"));
}

}  // namespace
}  // namespace xgate::script
