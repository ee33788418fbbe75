// SPDX-License-Identifier: Apache-2.0
#include "protocol/command.hpp"

#include <algorithm>
#include <array>
#include <random>
#include <set>
#include <vector>

#include <gtest/gtest.h>

namespace xgate::protocol {
namespace {

using State = CommandState;
using Event = CommandEvent;
constexpr std::array events{Event::published, Event::receipt, Event::success,
                            Event::failure,   Event::expiry,  Event::cancel};

TEST(Command, names_come_back) {
  std::set<std::string_view> names;
  for (const auto kind : all_command_kinds()) {
    EXPECT_EQ(command_kind_from(to_string(kind)), kind);
    names.insert(to_string(kind));
  }
  EXPECT_EQ(names.size(), 9U);
  names.clear();
  for (const auto state : all_command_states()) {
    EXPECT_EQ(command_state_from(to_string(state)), state);
    names.insert(to_string(state));
  }
  EXPECT_EQ(names.size(), 7U);
  EXPECT_FALSE(command_kind_from("reboot"));
  EXPECT_FALSE(command_state_from(""));
}

TEST(CommandState, settled_states_never_change) {
  for (const auto state : {State::done, State::failed, State::expired, State::cancelled}) {
    EXPECT_TRUE(is_settled(state));
    for (const auto event : events) EXPECT_FALSE(next_state(state, event)) << to_string(state);
  }
}

TEST(CommandState, is_never_done_because_it_was_sent) {
  EXPECT_EQ(next_state(State::queued, Event::published), State::sent);
  EXPECT_FALSE(next_state(State::sent, Event::published));
  EXPECT_FALSE(next_state(State::received, Event::published)) << "a resend takes nothing back";
}

TEST(CommandState, what_was_never_sent_has_no_answer) {
  for (const auto event : {Event::receipt, Event::success, Event::failure}) {
    EXPECT_FALSE(next_state(State::queued, event));
  }
}

TEST(CommandState, expiry_and_cancel_end_every_open_state) {
  for (const auto state : {State::queued, State::sent, State::received}) {
    EXPECT_EQ(next_state(state, Event::expiry), State::expired);
    EXPECT_EQ(next_state(state, Event::cancel), State::cancelled);
  }
}

/// Any order of events, duplicates and late answers among them: what holds of every history.
TEST(CommandState, holds_in_any_order_of_events) {
  std::mt19937 random(20230317);
  for (int history = 0; history < 20'000; ++history) {
    State state = State::queued;
    std::vector<Event> seen;
    int settlings = 0;
    for (int step = 0; step < 12; ++step) {
      const Event event = events[random() % events.size()];
      const auto next = next_state(state, event);
      if (next) {
        ASSERT_FALSE(is_settled(state));
        ASSERT_GT(*next, state) << "states only go forward";
        ASSERT_NE(*next, State::queued);
        state = *next;
        settlings += is_settled(state) ? 1 : 0;
        const bool sent_before =
            std::find(seen.begin(), seen.end(), Event::published) != seen.end();
        if (state == State::received || state == State::done || state == State::failed) {
          ASSERT_TRUE(sent_before);
        }
        if (state == State::done) {
          ASSERT_EQ(event, Event::success);
        }
        if (state == State::failed) {
          ASSERT_EQ(event, Event::failure);
        }
      }
      seen.push_back(event);
      // the same again changes nothing
      ASSERT_FALSE(next_state(state, event));
    }
    ASSERT_LE(settlings, 1);
  }
}

TEST(AnswerRule, each_kind_has_its_own_topic_and_command) {
  const auto event = [](TopicName topic, int ctrl, CommandKind kind) -> std::optional<Event> {
    const auto rule = answer_rule(topic, ctrl, kind);
    return rule ? std::optional(rule->event) : std::nullopt;
  };
  using enum TopicName;
  EXPECT_EQ(event(downlink_ack, 7, CommandKind::down), Event::success);
  EXPECT_EQ(event(downlink_ack_table, 7, CommandKind::down), Event::success);
  EXPECT_EQ(event(property_set_ack, 20, CommandKind::set), Event::success);
  EXPECT_EQ(event(property_report, 16, CommandKind::ask), Event::success);
  EXPECT_EQ(event(service_ack, 21, CommandKind::call), Event::success);
  EXPECT_EQ(event(config_report, 14, CommandKind::config_get), Event::success);
  EXPECT_EQ(event(config_report, 14, CommandKind::config_set), Event::success);
  EXPECT_EQ(event(firmware_report, 8, CommandKind::firmware_ask), Event::success);
  EXPECT_EQ(event(ota_notify_ack, 9, CommandKind::ota_notify), Event::success);
  EXPECT_EQ(event(hex_downlink_ack, 22, CommandKind::set), Event::success);
  EXPECT_EQ(event(hex_downlink_ack, 24, CommandKind::call), Event::receipt);
  EXPECT_EQ(event(hex_downlink_ack, 25, CommandKind::ask), Event::receipt);
  EXPECT_EQ(event(hex_report, 26, CommandKind::call), Event::success);
  EXPECT_EQ(event(hex_report, 18, CommandKind::ask), Event::success);
  EXPECT_FALSE(event(property_set_ack, 20, CommandKind::down)) << "another flow's topic";
  EXPECT_FALSE(event(uplink, 4, CommandKind::down));
  EXPECT_FALSE(event(hex_report, 19, CommandKind::ask)) << "an event is no answer";
}

TEST(AnswerRule, KEY_2_nothing_that_a_device_says_answers_command_3) {
  EXPECT_TRUE(is_platforms_own(CommandKind::key_update));
  for (const auto& row : topic_table()) {
    for (int ctrl = 0; ctrl < 32; ++ctrl) {
      EXPECT_FALSE(answer_rule(row.name, ctrl, CommandKind::key_update)) << row.suffix << ctrl;
    }
  }
}

TEST(AnswerRule, only_few_topics_answer) {
  std::set<TopicName> answering;
  for (const auto& row : topic_table()) {
    if (!may_answer(row.name)) continue;
    answering.insert(row.name);
    EXPECT_EQ(row.verb, DeviceVerb::publish) << row.suffix;
  }
  EXPECT_EQ(answering.size(), 10U);
  EXPECT_FALSE(may_answer(TopicName::uplink));
  EXPECT_TRUE(answers_unnumbered(TopicName::firmware_report));
  EXPECT_FALSE(answers_unnumbered(TopicName::downlink_ack));
}

TEST(CommandMessageId, lies_where_no_device_counts) {
  std::set<std::int64_t> ids;
  for (int i = 0; i < 1000; ++i) {
    const auto id = new_command_message_id();
    EXPECT_GE(id, 1LL << 30);
    EXPECT_LE(id, (1LL << 31) - 1);
    ids.insert(id);
  }
  EXPECT_GT(ids.size(), 990U);
}

}  // namespace
}  // namespace xgate::protocol
