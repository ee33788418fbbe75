// SPDX-License-Identifier: Apache-2.0
#include "plugin/limits.hpp"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

namespace xgate::plugin {
namespace {

using Then = Allowance::Then;
using link::Limit;

constexpr PublishRates rates{100, 524'288};
constexpr std::int64_t start_ms = 1000;

struct Seen {
  int within = 0;
  int answered = 0;
  int refused = 0;
  int ended = 0;
};
/// `count` messages of `bytes`, evenly over `ms`.
Seen send(Allowance& allowance, int count, std::size_t bytes, std::int64_t from_ms,
          std::int64_t ms) {
  Seen seen;
  for (int i = 0; i < count; ++i) {
    const auto excess = allowance.publish(rates, bytes, from_ms + i * ms / count);
    ++(!excess                        ? seen.within
       : excess->then == Then::answer ? seen.answered
       : excess->then == Then::refuse ? seen.refused
                                      : seen.ended);
  }
  return seen;
}

TEST(LimitOne, LIMIT_1_a_device_at_its_rate_is_never_refused) {
  Allowance allowance;
  EXPECT_EQ(send(allowance, 100'000, 200, start_ms, 1'000'000).within, 100'000);
}

TEST(LimitOne, LIMIT_1_what_was_kept_for_ten_seconds_comes_at_once) {
  Allowance allowance;
  EXPECT_EQ(send(allowance, 1000, 200, start_ms, 1).within, 1000);
  EXPECT_EQ(send(allowance, 1, 200, start_ms, 1).within, 0);
}

TEST(LimitOne, LIMIT_1_a_tenth_too_much_is_answered_and_goes_on) {
  Allowance allowance;
  send(allowance, 1000, 200, start_ms, 1);
  const auto seen = send(allowance, 110 * 600, 200, start_ms + 1, 600'000);
  EXPECT_EQ(seen.ended, 0);
  EXPECT_NEAR(seen.answered, 6000, 100);
}

TEST(LimitOne, LIMIT_1_a_flood_ends) {
  Allowance allowance;
  const auto seen = send(allowance, 10'000, 200, start_ms, 100);
  EXPECT_NEAR(seen.within, 1010, 10);
  EXPECT_NEAR(seen.answered, 11, 1);
  EXPECT_GT(seen.ended, 7000);
}

TEST(LimitTwo, LIMIT_2_large_messages_are_bounded_by_their_bytes) {
  Allowance allowance;
  constexpr std::size_t large = 262'144;
  EXPECT_EQ(send(allowance, 20, large, start_ms, 1).within, 20);
  const auto excess = allowance.publish(rates, large, start_ms + 1);
  ASSERT_TRUE(excess);
  EXPECT_EQ(excess->exceeded, (link::Exceeded{Limit::bytes, 524'288}));
  EXPECT_GT(send(allowance, 100, large, start_ms + 1, 100).ended, 60);  // each is worth fifty
}

TEST(LimitOne, LIMIT_1_however_low_the_rate_a_device_may_subscribe_to_all_at_boot) {
  Allowance allowance;
  constexpr PublishRates low{1, 100};
  for (int i = 0; i < 100; ++i) ASSERT_FALSE(allowance.act(low, start_ms)) << i;
  EXPECT_TRUE(allowance.act(low, start_ms));
}

TEST(LimitTwo, LIMIT_2_however_low_the_rate_one_message_of_the_largest_size_passes) {
  Allowance allowance;
  constexpr PublishRates low{100, 100};
  EXPECT_FALSE(allowance.publish(low, 300'000, start_ms));
  EXPECT_TRUE(allowance.publish(low, 300'000, start_ms));
}

TEST(LimitTwo, LIMIT_2_bytes_alone_end_a_session_no_sooner) {
  Allowance allowance;
  constexpr PublishRates bytes_only{0, 524'288};
  ASSERT_FALSE(allowance.publish(bytes_only, 5'242'880, start_ms));
  for (int i = 0; i < 1000; ++i) {
    ASSERT_NE(allowance.publish(bytes_only, 200, start_ms).value().then, Then::end) << i;
  }
  EXPECT_EQ(allowance.publish(bytes_only, 200, start_ms).value().then, Then::end);
}

TEST(LimitFour, LIMIT_4_who_was_refused_messages_may_still_ask_too_often_once) {
  const LimitRules rules;
  Allowance allowance;
  send(allowance, 1300, 200, start_ms, 1);
  for (int i = 0; i < 10; ++i) ASSERT_FALSE(allowance.ask_auth(rules, start_ms + 1));
  EXPECT_NE(allowance.ask_auth(rules, start_ms + 1).value().then, Then::end);
}

TEST(LimitOne, a_limit_of_0_is_none) {
  Allowance allowance;
  for (int i = 0; i < 100'000; ++i) ASSERT_FALSE(allowance.publish({}, 1000, start_ms));
}

TEST(LimitThree, LIMIT_3_logins_are_ten_at_once_then_one_a_second) {
  const LimitRules rules;
  Allowance allowance;
  int let_in = 0;
  for (int i = 0; i < 500; ++i) let_in += allowance.log_in(rules, start_ms + i) ? 0 : 1;
  EXPECT_EQ(let_in, 10);
  EXPECT_FALSE(allowance.log_in(rules, start_ms + 1500));
  EXPECT_TRUE(allowance.log_in(rules, start_ms + 1600));
}

TEST(LimitThree, LIMIT_3_a_device_that_comes_back_goes_on_with_what_it_had) {
  Departed departed;
  const auto key = directory::DeviceKey::from("AA30C505", "20MQTTJ000121").value();
  const auto other = directory::DeviceKey::from("AA30C505", "20MQTTJ000122").value();
  Allowance used_up;
  send(used_up, 1000, 200, start_ms, 1);
  departed.leave(1, key, used_up, start_ms);
  EXPECT_TRUE(departed.take(1, key).publish(rates, 200, start_ms + 1));
  EXPECT_FALSE(departed.take(1, other).publish(rates, 200, start_ms + 1));
  EXPECT_FALSE(departed.take(2, key).publish(rates, 200, start_ms + 1));
}

TEST(LimitThree, LIMIT_3_who_left_longest_ago_makes_room) {
  Departed departed;
  Allowance used_up;
  send(used_up, 1000, 200, start_ms, 1);
  const auto key = [](int n) {
    return directory::DeviceKey::from("AA30C505", "meter" + std::to_string(n)).value();
  };
  constexpr int many = 200'000;
  for (int n = 0; n < many; ++n) departed.leave(1, key(n), used_up, start_ms + n);
  int known = 0;
  for (int n = many - 1000; n < many; ++n) {
    known += departed.take(1, key(n)).publish(rates, 200, start_ms + 1) ? 1 : 0;
  }
  EXPECT_EQ(known, 1000);
  EXPECT_FALSE(departed.take(1, key(0)).publish(rates, 200, start_ms + 1));
}

TEST(LimitSeven, LIMIT_7_what_waits_is_remembered_over_a_connection_that_took_nothing) {
  LimitRules rules;
  rules.queue_messages = 100;
  ServiceQueue queue;
  queue.came(1);
  for (int i = 0; i < 10; ++i) queue.put(100);
  queue.taken(10, 1000);
  queue.left(1);
  for (int i = 0; i < 75; ++i) queue.put(100);
  queue.came(2);
  EXPECT_DOUBLE_EQ(queue.filled(rules), 0.75);
  queue.left(2);
  EXPECT_DOUBLE_EQ(queue.filled(rules), 0.75);
  queue.came(3);  // an older one, which never says what it takes
  for (int i = 0; i < 101; ++i) queue.put(100);
  EXPECT_DOUBLE_EQ(queue.filled(rules), 0);
}

TEST(LimitSeven, LIMIT_7_the_queue_is_what_was_put_in_less_what_was_taken) {
  LimitRules rules;
  rules.queue_messages = 1000;
  ServiceQueue queue;
  for (int i = 0; i < 400; ++i) queue.put(100);
  EXPECT_DOUBLE_EQ(queue.filled(rules), 0.4);
  for (int i = 0; i < 350; ++i) queue.put(100);
  EXPECT_DOUBLE_EQ(queue.filled(rules), 0.75);
  queue.taken(500, 50'000);
  EXPECT_DOUBLE_EQ(queue.filled(rules), 0.25);
  queue.taken(100, 10'000);  // an older one that came late
  EXPECT_DOUBLE_EQ(queue.filled(rules), 0.25);
  queue.taken(100'000, 10'000'000);  // not ours
  EXPECT_DOUBLE_EQ(queue.filled(rules), 0.25);
  for (int i = 0; i < 2000; ++i) queue.put(100);
  EXPECT_DOUBLE_EQ(queue.filled(rules), 1);
}

TEST(LimitSeven, LIMIT_7_of_a_service_that_never_tells_nothing_is_known) {
  LimitRules rules;
  rules.queue_messages = 100;
  ServiceQueue queue;
  queue.came(1);
  for (int i = 0; i < 1000; ++i) queue.put(100);
  EXPECT_DOUBLE_EQ(queue.filled(rules), 0);
  queue.came(2);
  queue.left(1);  // a takeover: the old session ends last
  EXPECT_DOUBLE_EQ(queue.filled(rules), 0);
  queue.left(2);
  EXPECT_DOUBLE_EQ(queue.filled(rules), 0);
  for (int i = 0; i < 75; ++i) queue.put(100);
  EXPECT_DOUBLE_EQ(queue.filled(rules), 0.75);
}

/// A queue that nobody takes from, and who offers messages to it.
struct Offers {
  LimitRules rules;
  ServiceQueue queue;
  explicit Offers(std::int64_t most) {
    rules.queue_messages = most;
    queue.put(100);
  }
  bool offer(QueueShare& product, Allowance& device, std::int64_t now_ms) {
    const auto part = queue.part(product, rules);
    if (part < 1 && (part <= 0 || !device.publish_sparingly(rates, part, now_ms))) return false;
    queue.charge(product, rules, 100);
    queue.put(100);
    return true;
  }
};

TEST(LimitSeven, LIMIT_7_who_sends_most_is_refused_first) {
  // one device at 100 a second, one at 1 in ten seconds, both of one product
  Offers offers(2000);
  QueueShare product;
  Allowance busy;
  Allowance quiet;
  int busy_kept = 0;
  int quiet_kept = 0;
  for (int ms = 0; ms < 60'000; ms += 10) {
    busy_kept += offers.offer(product, busy, start_ms + ms) ? 1 : 0;
    if (ms % 10'000 == 0) quiet_kept += offers.offer(product, quiet, start_ms + ms) ? 1 : 0;
  }
  EXPECT_EQ(quiet_kept, 6);
  EXPECT_GT(busy_kept, 1000);
  EXPECT_LT(busy_kept, 2000);
}

TEST(LimitSeven, LIMIT_7_a_product_of_many_devices_leaves_room_for_others) {
  Offers offers(2000);
  QueueShare many;
  QueueShare more;
  QueueShare other;
  std::vector<Allowance> devices(1000);
  Allowance quiet;
  int kept = 0;
  for (int ms = 0; ms < 60'000; ms += 10) {
    auto& device = devices[static_cast<std::size_t>(ms / 10) % devices.size()];
    kept += offers.offer(many, device, start_ms + ms) ? 1 : 0;
    kept += offers.offer(more, device, start_ms + ms) ? 1 : 0;
    if (ms % 1000 == 0) {
      EXPECT_TRUE(offers.offer(other, quiet, start_ms + ms)) << ms;
    }
  }
  EXPECT_GT(kept, 1500);
  EXPECT_LT(kept, 1800);
}

TEST(LimitSeven, LIMIT_7_what_the_service_has_taken_is_no_products_any_more) {
  Offers offers(1600);
  QueueShare product;
  Allowance device;
  for (int i = 0; i < 700; ++i) ASSERT_TRUE(offers.offer(product, device, start_ms));
  EXPECT_EQ(product.waiting(0, 100).messages, 700);
  EXPECT_EQ(product.waiting(500, 100).messages, 201);
  EXPECT_EQ(product.waiting(701, 100).messages, 1);
  for (int i = 0; i < 100'000; ++i) {
    offers.queue.taken(offers.queue.sums().messages, offers.queue.sums().bytes);
    ASSERT_TRUE(offers.offer(product, device, start_ms)) << i;
  }
}

}  // namespace
}  // namespace xgate::plugin
