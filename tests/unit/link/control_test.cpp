// SPDX-License-Identifier: Apache-2.0
#include "link/control.hpp"

#include <limits>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace xgate::link {
namespace {

const protocol::Identity known_device{"7ED01E2A", "AA30C505", "20MQTTJ000121"};

Command sent_and_received(const Command& command) {
  auto received = decode_command(encode(command));
  EXPECT_TRUE(received) << received.error();
  return received ? std::move(*received) : Command{};
}

TEST(Control, AUTH_9_know_device_comes_through_whole) {
  for (const bool enabled : {false, true}) {
    const auto received =
        sent_and_received(KnowDevice{known_device, "326086233FAB8A96566796551EB1DFF8", enabled,
                                     std::numeric_limits<std::int64_t>::max()});
    const auto& know = std::get<KnowDevice>(received);
    EXPECT_EQ(know.device, known_device);
    EXPECT_EQ(know.device_secret, "326086233FAB8A96566796551EB1DFF8");
    EXPECT_EQ(know.enabled, enabled);
    EXPECT_EQ(know.revision, std::numeric_limits<std::int64_t>::max());
  }
}

TEST(Control, sync_comes_through_whole) {
  EXPECT_EQ(std::get<Sync>(sent_and_received(Sync{7})).sync, 7U);
}

TEST(Control, LIMIT_7_what_was_taken_comes_through_whole) {
  const auto taken = std::get<Taken>(sent_and_received(Taken{"E1", 7, 1234, true}));
  EXPECT_EQ(taken.epoch, "E1");
  EXPECT_EQ(taken.messages, 7U);
  EXPECT_EQ(taken.bytes, 1234U);
  EXPECT_TRUE(taken.auth);
  const auto older = decode_command(R"({"type":"taken","epoch":"E1","messages":7,"bytes":1})");
  ASSERT_TRUE(older) << older.error();
  EXPECT_FALSE(std::get<Taken>(*older).auth);
}

TEST(Control, what_is_no_command_is_refused_with_the_reason) {
  const auto error_of = [](const std::string& text) {
    const auto command = decode_command(text);
    return command ? "accepted" : command.error();
  };
  EXPECT_EQ(error_of(R"({"type":"sync","sync":1})"), "accepted");
  EXPECT_THAT(error_of(""), testing::HasSubstr("not JSON"));
  EXPECT_EQ(error_of("[]"), "type is not text");
  EXPECT_EQ(error_of(R"({"type":"sync"})"), "sync: sync is not a whole number");
  EXPECT_EQ(error_of(R"({"type":"reboot"})"), "type is none that is known");
  EXPECT_EQ(error_of(R"({"type":"know_device","device":{}})"),
            "know_device: device: open_id is not text");
  EXPECT_THAT(error_of(std::string(5000, ' ')), testing::HasSubstr("longer than"));
}

TEST(Control, an_error_does_not_quote_a_secret) {
  const auto error =
      decode_command(R"({"type":"know_device","device_secret":326086233FAB8A9656679})").error();
  EXPECT_THAT(error, testing::Not(testing::HasSubstr("3260")));
}

}  // namespace
}  // namespace xgate::link
