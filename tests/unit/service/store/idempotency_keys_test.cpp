// SPDX-License-Identifier: Apache-2.0
#include "service/store/idempotency_keys.hpp"

#include <gtest/gtest.h>

#include "fakes/postgres_cluster.hpp"
#include "service/app/migrate.hpp"
#include "service/store/sha256.hpp"

namespace xgate::store {
namespace {

constexpr std::int64_t now_ms = 1'700'000'000'000;

class IdempotencyKeys : public ::testing::Test {
 protected:
  IdempotencyKeys() : conninfo_(fakes::PostgresCluster::shared().create_database()) {
    const auto migrated = app::migrate(conninfo_, [](const std::string&) {});
    EXPECT_TRUE(migrated) << migrated.error();
    connection_.emplace(pg::Connection::open(conninfo_).value());
  }

  std::optional<KeptAnswer> find(const IdempotencyKey& key, std::int64_t at_ms) {
    return find_answer(*connection_, key, at_ms).value();
  }
  void keep(const IdempotencyKey& key, const std::string& body, std::int64_t at_ms) {
    const auto kept = keep_answer(*connection_, key,
                                  {.request_hash = sha256("request"),
                                   .status = 201,
                                   .content_type = "application/json",
                                   .headers = R"([["Location","/x"]])",
                                   .body = body},
                                  at_ms);
    ASSERT_TRUE(kept) << kept.error().message;
  }

  const std::string conninfo_;
  std::optional<pg::Connection> connection_;
  const IdempotencyKey key_{sha256("token"), "key"};
  const IdempotencyKey others_{sha256("another token"), "key"};
};

TEST_F(IdempotencyKeys, find_the_answer_as_it_was_of_the_same_token) {
  keep(key_, R"({"name":"设备\n"})", now_ms);
  const auto found = find(key_, now_ms);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->request_hash, sha256("request"));
  EXPECT_EQ(found->status, 201);
  EXPECT_EQ(found->content_type, "application/json");
  EXPECT_EQ(found->headers, R"([["Location","/x"]])");
  EXPECT_EQ(found->body, R"({"name":"设备\n"})");
  EXPECT_FALSE(find(others_, now_ms));
  EXPECT_FALSE(find({key_.token_hash, "Key"}, now_ms));
}

TEST_F(IdempotencyKeys, are_forgotten_after_a_day) {
  keep(key_, "1", now_ms);
  keep(others_, "2", now_ms + 1);
  const auto day_later = now_ms + 24LL * 60 * 60 * 1000;
  EXPECT_TRUE(find(key_, day_later - 1));
  EXPECT_FALSE(find(key_, day_later));
  EXPECT_EQ(forget_answers(*connection_, day_later).value(), 1);
  EXPECT_EQ(forget_answers(*connection_, day_later).value(), 0);
  EXPECT_TRUE(find(others_, day_later));
}

TEST_F(IdempotencyKeys, that_are_too_old_and_not_deleted_yet_can_be_used_again) {
  keep(key_, "old", now_ms);
  const auto later = now_ms + answer_kept_ms;
  keep(key_, "new", later);
  EXPECT_EQ(find(key_, later)->body, "new");
}

TEST_F(IdempotencyKeys, belong_to_one_transaction_at_a_time) {
  auto other = pg::Connection::open(conninfo_).value();
  auto running = pg::Transaction::begin(*connection_);
  ASSERT_TRUE(running);
  EXPECT_TRUE(claim_key(*connection_, key_).value());
  {
    auto second = pg::Transaction::begin(other);
    ASSERT_TRUE(second);
    EXPECT_FALSE(claim_key(other, key_).value());
    EXPECT_TRUE(claim_key(other, others_).value());
  }
  keep(key_, "done", now_ms);
  EXPECT_FALSE(find_answer(other, key_, now_ms).value());
  ASSERT_TRUE(running->commit());
  auto second = pg::Transaction::begin(other);
  EXPECT_TRUE(claim_key(other, key_).value());
  EXPECT_TRUE(find_answer(other, key_, now_ms).value());
}

}  // namespace
}  // namespace xgate::store
