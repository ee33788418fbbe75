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

std::string logged(const std::string& format, const std::string& level,
                   const std::string& message) {
  ::testing::internal::CaptureStderr();
  set_up_log(format, level);
  spdlog::info("{}", message);
  spdlog::default_logger()->flush();
  return ::testing::internal::GetCapturedStderr();
}

TEST(Log, a_json_line_is_json_whatever_it_says) {
  const std::string nasty = "a \"quote\", a \\, a \n line and 设备\x01";
  const auto line = logged("json", "info", nasty);
  EXPECT_THAT(line, EndsWith("\n"));
  const auto json = nlohmann::json::parse(line);
  EXPECT_EQ(json.at("message"), nasty);
  EXPECT_EQ(json.at("level"), "info");
}

TEST(Log, a_text_line_stays_one_line) {
  const auto line = logged("text", "info", "forged\n2026 info all is well\x1b[2J");
  EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
  EXPECT_EQ(line.find('\x1b'), std::string::npos);
  EXPECT_THAT(line, HasSubstr("forged 2026"));
}

TEST(Log, a_text_line_has_nothing_that_a_terminal_obeys) {
  // U+009B begins an escape sequence, U+2028 a line, U+202E turns the direction, U+2066 isolates
  const auto line = logged("text", "info", "a\u009b2Jb\u2028c\u202ed\u2066e 设备 … \u00e9");
  EXPECT_THAT(line, HasSubstr("a 2Jb c d e 设备 … \u00e9\n"));
}

TEST(Log, what_is_less_serious_than_the_level_is_left_out) {
  EXPECT_EQ(logged("text", "warn", "x"), "");
}

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
