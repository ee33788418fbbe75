// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include "service/observe/log.hpp"
#include "service/observe/metrics.hpp"

namespace xgate::observe {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

template <class... Values>
std::string logged(const std::string& format, const std::string& level,
                   Sentence<std::type_identity_t<Values>...> sentence, const Values&... values) {
  ::testing::internal::CaptureStderr();
  set_up_log(format, level);
  info<Values...>(sentence, values...);
  spdlog::default_logger()->flush();
  return ::testing::internal::GetCapturedStderr();
}

// C0, DEL, C1, marks, overrides, isolates, separators, a tag
constexpr std::string_view steering =
    "\x01\x1b]52;c;aGk=\x07\x7f\u009b2J\u061c\u200f\u202e\u2066\u2028\U000e0041";
constexpr std::string_view escaped =
    "\\u0001\\u001b]52;c;aGk="
    "\\u0007\\u007f\\u009b2J\\u061c\\u200f\\u202e\\u2066\\u2028\\udb40\\udc41";

TEST(Log, a_json_line_is_json_whatever_it_says_and_steers_no_terminal) {
  const std::string nasty = "a \"quote\", a \\, a \n line and 设备" + std::string(steering);
  const auto line = logged("json", "info", "{}", Quoted(nasty));
  EXPECT_THAT(line, EndsWith("\n"));
  EXPECT_THAT(line, HasSubstr("设备" + std::string(escaped)));
  const auto json = nlohmann::json::parse(line);
  EXPECT_EQ(json.at("message"),
            "\"a \\\"quote\\\", a \\\\, a \n line and 设备" + std::string(steering) + '"');
  EXPECT_EQ(json.at("level"), "info");
  EXPECT_EQ(nlohmann::json::parse(logged("json", "info", "{}", Quoted("\xff")))["message"],
            "\"\uFFFD\"");
}

TEST(Log, a_text_line_stays_one_line) {
  const auto line = logged("text", "info", "on {}", Quoted("forged\n2026 info all is well"));
  EXPECT_THAT(line, EndsWith("on \"forged\\u000a2026 info all is well\"\n"));
  EXPECT_THAT(logged("text", "info", "{}", Words("lost:\n\tis it running?\n")),
              EndsWith(" lost:  is it running?\n"));
}

TEST(Log, a_text_line_has_nothing_that_a_terminal_obeys) {
  const auto line =
      logged("text", "info", "{}", Words("设备 … \u00e9 " + std::string(steering) + "\xff"));
  EXPECT_THAT(line, EndsWith("设备 … \u00e9 " + std::string(escaped) + "\\xff\n"));
}

TEST(Log, a_value_is_one_field_whatever_is_in_it) {
  const auto line =
      logged("text", "info", "device={} topic={}", Quoted("a\" topic=\"b\\"), Quoted("c"));
  EXPECT_THAT(line, EndsWith("device=\"a\\\" topic=\\\"b\\\\\" topic=\"c\"\n"));
}

TEST(Log, what_is_less_serious_than_the_level_is_left_out) {
  EXPECT_EQ(logged("text", "warn", "{}", Words("x")), "");
}

// Text that does not say which of the two it is does not compile.
template <class T>
concept Accepted = requires(const T& value) {
  info("{}", value);
};
static_assert(Accepted<int> && Accepted<Quoted> && Accepted<Words>);
static_assert(!Accepted<std::string> && !Accepted<std::string_view> && !Accepted<const char*>);

TEST(Metrics, are_prometheus_text) {
  Metrics metrics;
  metrics.messages(protocol::TopicName::uplink, Verdict::accepted).Increment(3);
  metrics.messages(std::nullopt, Verdict::refused).Increment();
  metrics.messages(protocol::TopicName::uplink_ack, Verdict::refused).Increment();  // no device's
  metrics.auth_replies(protocol::AuthCode::version_mismatch).Increment();
  metrics.queue_messages("messages-1").Set(7);
  metrics.http_responses(404).Increment();
  metrics.http_responses(0).Increment();  // no status: must not end the service
  const auto text = metrics.text();
  for (const auto* line :
       {"xgate_messages_total{topic=\"uplink\",verdict=\"accepted\"} 3",
        "xgate_messages_total{topic=\"other\",verdict=\"refused\"} 2",
        "xgate_auth_replies_total{code=\"6\"} 1", "xgate_queue_messages{worker=\"messages-1\"} 7",
        "xgate_http_responses_total{status=\"4xx\"} 1"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

}  // namespace
}  // namespace xgate::observe
