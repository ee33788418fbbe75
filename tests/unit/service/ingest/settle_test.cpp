// SPDX-License-Identifier: Apache-2.0
#include "service/ingest/settle.hpp"

#include <new>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace xgate::ingest {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const pg::Error bad_value{.sqlstate = "22021", .message = "bad value"};
const pg::Error gone{.sqlstate = "", .message = "gone", .connection_gone = true};

/// A database that takes whole batches, refuses those with a poisonous message, and may be away.
struct FakeDatabase {
  std::set<std::string> poison;
  std::set<std::string> throws;  ///< a fault of ours
  std::set<std::string> judged;  ///< what JSON says of a value
  int memory_is_short = 0;       ///< attempts that fail for it
  bool cannot_keep = false;      ///< the database goes when a message is given up
  bool stopping = false;
  int rests = 0;
  std::set<std::string> away_at;
  std::set<std::string> recovers;  ///< refused once, then taken: what it hung on has changed
  std::vector<std::string> stored;
  std::vector<std::string> given_up;
  int attempts = 0;
  int prepared = 0;
  pg::Error refusal = bad_value;

  Settled settle(const std::vector<std::string>& payloads) {
    std::vector<Received> batch;
    for (const auto& payload : payloads) {
      Received received;
      received.message.payload = payload;
      received.token = {1, static_cast<std::uint16_t>(batch.size() + 1)};
      batch.push_back(received);
    }
    const BatchSteps steps{
        .process = [this](std::span<const Received> part) { return process(part); },
        .give_up = [this](const Received& received, const pg::Error&) -> pg::Result<Outbound> {
          if (cannot_keep) return tl::unexpected(gone);
          given_up.push_back(received.message.payload);
          return Outbound{.publishes = {}, .acks = {received.token}};
        },
        .prepare_again = [this] { ++prepared; },
        .rest =
            [this](int) {
              ++rests;
              return !stopping;
            }};
    return ingest::settle(batch, steps, [this](Outbound out) {
      for (const auto token : out.acks) acked.push_back(token.packet_id);
    });
  }
  pg::Result<Outbound> process(std::span<const Received> part) {
    ++attempts;
    Outbound out;
    for (const Received& received : part) {
      const auto& payload = received.message.payload;
      if (throws.contains(payload)) throw std::logic_error("a fault of ours");
      if (judged.contains(payload)) (void)nlohmann::json(1).at("x");
      if (memory_is_short > 0) {
        --memory_is_short;
        throw std::bad_alloc();
      }
      if (away_at.contains(payload)) return tl::unexpected(gone);
      if (recovers.contains(payload)) {
        if (part.size() == 1) recovers.erase(payload);
        return tl::unexpected(refusal);
      }
      if (poison.contains(payload)) return tl::unexpected(refusal);
      out.acks.push_back(received.token);
    }
    for (const Received& received : part) stored.push_back(received.message.payload);
    return out;
  }
  std::vector<int> acked;
};

TEST(Settle, a_good_batch_is_one_attempt) {
  FakeDatabase database;
  const auto settled = database.settle({"a", "b", "c"});
  EXPECT_EQ(settled.count, 3U);
  EXPECT_FALSE(settled.waiting);
  EXPECT_EQ(database.attempts, 1);
  EXPECT_THAT(database.acked, ElementsAre(1, 2, 3));
}

TEST(Settle, one_poisonous_message_fails_no_other_and_keeps_the_order) {
  for (const char* bad : {"a", "b", "c", "d", "e"}) {
    FakeDatabase database;
    database.poison = {bad};
    const auto settled = database.settle({"a", "b", "c", "d", "e"});
    EXPECT_EQ(settled.count, 5U);
    EXPECT_EQ(database.stored.size(), 4U);
    EXPECT_TRUE(std::is_sorted(database.stored.begin(), database.stored.end()));
    EXPECT_THAT(database.given_up, ElementsAre(bad));
    EXPECT_THAT(database.acked, ElementsAre(1, 2, 3, 4, 5)) << "acked, or it comes for ever";
  }
}

TEST(Settle, a_message_that_makes_the_program_throw_fails_no_other) {
  for (const bool fault : {true, false}) {
    FakeDatabase database;
    (fault ? database.throws : database.judged) = {"b"};
    const auto settled = database.settle({"a", "b", "c"});
    EXPECT_EQ(settled.count, 3U);
    EXPECT_THAT(database.stored, ElementsAre("a", "c"));
    EXPECT_THAT(database.given_up, ElementsAre("b"));
    EXPECT_THAT(database.acked, ElementsAre(1, 2, 3));
    EXPECT_EQ(database.rests, fault ? platform_tries : 0) << "a fault of ours may pass";
  }
}

TEST(Settle, memory_that_is_short_for_a_while_costs_no_message) {
  FakeDatabase database;
  database.memory_is_short = 6;
  const auto settled = database.settle({"a", "b", "c"});
  EXPECT_EQ(settled.count, 3U);
  EXPECT_THAT(database.stored, ElementsAre("a", "b", "c"));
  EXPECT_THAT(database.given_up, IsEmpty());
  EXPECT_GT(database.rests, 0);
}

TEST(Settle, what_the_platform_fails_at_while_it_stops_stays_with_the_broker) {
  FakeDatabase database;
  database.throws = {"b"};
  database.stopping = true;
  const auto settled = database.settle({"a", "b", "c"});
  EXPECT_EQ(settled.count, 1U);
  ASSERT_TRUE(settled.waiting);
  EXPECT_THAT(database.given_up, IsEmpty());
  EXPECT_THAT(database.acked, ElementsAre(1));
}

TEST(Settle, what_is_given_up_is_acknowledged_only_once_it_is_kept) {
  FakeDatabase database;
  database.poison = {"b"};
  database.cannot_keep = true;
  const auto settled = database.settle({"a", "b", "c"});
  EXPECT_EQ(settled.count, 1U);
  ASSERT_TRUE(settled.waiting);
  EXPECT_TRUE(settled.waiting->connection_gone);
  EXPECT_THAT(database.acked, ElementsAre(1));
}

TEST(Settle, a_lone_refusal_is_tried_again_on_fresh_knowledge_before_it_is_given_up) {
  FakeDatabase database;
  database.recovers = {"b"};
  database.settle({"a", "b"});
  EXPECT_THAT(database.stored, ElementsAre("a", "b"));
  EXPECT_THAT(database.given_up, IsEmpty());
  EXPECT_EQ(database.prepared, 1);
}

TEST(Settle, nothing_is_given_up_while_the_database_is_away) {
  FakeDatabase database;
  database.away_at = {"a"};
  const auto settled = database.settle({"a", "b"});
  EXPECT_EQ(settled.count, 0U);
  ASSERT_TRUE(settled.waiting);
  EXPECT_THAT(database.acked, IsEmpty());
}

TEST(Settle, what_was_done_before_the_database_went_away_is_not_done_again) {
  FakeDatabase database;
  database.poison = {"b"};
  database.away_at = {"d"};
  const auto settled = database.settle({"a", "b", "c", "d"});
  EXPECT_EQ(settled.count, 2U);
  ASSERT_TRUE(settled.waiting);
  EXPECT_THAT(database.stored, ElementsAre("a"));
  EXPECT_THAT(database.given_up, ElementsAre("b"));
  EXPECT_THAT(database.acked, ElementsAre(1, 2));
}

TEST(Settle, a_broken_schema_or_a_missing_right_costs_no_message) {
  for (const char* state : {"42P01", "42501", "XX000", "57P01", "53100", "40001", "25006"}) {
    FakeDatabase database;
    database.refusal = {.sqlstate = state, .message = "no"};
    database.poison = {"a", "b"};
    const auto settled = database.settle({"a", "b"});
    EXPECT_TRUE(settled.waiting) << state;
    EXPECT_THAT(database.given_up, IsEmpty()) << state;
  }
}

}  // namespace
}  // namespace xgate::ingest
