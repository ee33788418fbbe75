// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "benchmarks/load/command_line.hpp"
#include "benchmarks/load/message_log.hpp"
#include "benchmarks/load/pace.hpp"
#include "benchmarks/load/processor_time.hpp"
#include "benchmarks/load/result.hpp"

namespace xgate::benchmarks {
namespace {

TEST(Pace, IsNeverPutOffByWhatCameLate) {
  Pace pace(3, 1000);
  EXPECT_TRUE(pace.due(1000));
  EXPECT_EQ(pace.take(), 1000);
  EXPECT_FALSE(pace.due(333'334'332));
  EXPECT_TRUE(pace.due(5'000'000'000));
  for (int i = 1; i < 3'000'000; ++i) pace.take();
  EXPECT_EQ(pace.next(),
            1'000'000'000'001'000);  // a million seconds later, and no error has gathered
}

TEST(ProcessorTime, IsReadFromTheKernelsLines) {
  EXPECT_DOUBLE_EQ(schedstat_seconds("1500000000 7 9\n"), 1.5);
  EXPECT_LT(schedstat_seconds(""), 0);
  EXPECT_DOUBLE_EQ(
      stat_seconds("42 (a) b (c)) S 1 42 42 0 -1 4194304 1 2 3 4 250 50 7 8 20 0 1 0 99\n", 100),
      3.0);
  EXPECT_LT(stat_seconds("42 (short) S 1 2", 100), 0);
  EXPECT_LT(stat_seconds("", 100), 0);
}

TEST(ProcessorTime, OfThisProcessGrows) {
  const double before = processor_seconds(::getpid());
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (processor_seconds(::getpid()) <= before) ASSERT_LT(std::chrono::steady_clock::now(), end);
  EXPECT_GT(before, 0);
}

TEST(MessageLog, AddsLinesOnceTheyAreFlushed) {
  const std::string path = testing::TempDir() + "message_log_test." + std::to_string(::getpid());
  const auto content = [&] {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  };
  {
    auto log = MessageLog::open(path);
    ASSERT_TRUE(log) << log.error();
    log->sent("P.N", 1);
    EXPECT_EQ(content(), "");
    EXPECT_TRUE(log->flush());
    EXPECT_EQ(content(), "sent P.N 1\n");
    log->acked("P.N", 1);
  }
  auto again = MessageLog::open(path);
  again->sent("P.M", 2);
  EXPECT_TRUE(again->flush());
  EXPECT_EQ(content(), "sent P.N 1\nacked P.N 1\nsent P.M 2\n");
  std::remove(path.c_str());
  EXPECT_FALSE(MessageLog::open(path + "/no/such/folder"));
}

TEST(Result, IsOneJsonObject) {
  Result result;
  result.ended = "duration";
  result.seconds = 2;
  result.operations = 4;
  result.latency.add(1'000'000);
  result.processor_seconds = {{"broker", 0.001}};
  const auto json = nlohmann::json::parse(to_json({}, result));
  EXPECT_EQ(json["mode"], "uplink");
  EXPECT_EQ(json["rate"], 2);
  EXPECT_EQ(json["latency_us"]["p99"], 1000);
  EXPECT_EQ(json["processor"]["broker"]["us_per_operation"], 250);
}

std::optional<Options> parse(std::initializer_list<const char*> arguments, int& status) {
  std::vector<const char*> argv{"xgate-load"};
  argv.insert(argv.end(), arguments);
  return parse_command_line(static_cast<int>(argv.size()), argv.data(), status);
}

TEST(CommandLine, TakesWhatItKnowsAndRefusesWhatCannotBe) {
  int status = 0;
  const auto options =
      parse({"publish", "--rule", "/dev/null", "--rate", "100", "--watch", "broker=12"}, status);
  ASSERT_TRUE(options);
  EXPECT_EQ(options->mode, Mode::publish);
  EXPECT_EQ(options->rate, 100);
  EXPECT_EQ(options->watched.at(0).pid, 12);
  for (const auto& bad : {std::initializer_list<const char*>{"uplink"},
                          {"sing", "--rule", "/dev/null"},
                          {"uplink", "--rule", "/dev/null", "--devices", "/dev/null"},
                          {"uplink", "--rule", "/dev/null", "--duration", "0"},
                          {"uplink", "--rule", "/dev/null", "--watch", "broker"},
                          {"connect", "--rule", "/dev/null", "--log", "x"}}) {
    testing::internal::CaptureStderr();
    EXPECT_FALSE(parse(bad, status));
    EXPECT_EQ(status, 2);
    EXPECT_NE(testing::internal::GetCapturedStderr(), "");
  }
}

}  // namespace
}  // namespace xgate::benchmarks
