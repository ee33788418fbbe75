// SPDX-License-Identifier: Apache-2.0
#include "plugin/heartbeat.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <unistd.h>

namespace xgate::plugin {
namespace {

class HeartbeatFile : public testing::Test {
 protected:
  ~HeartbeatFile() override { std::filesystem::remove(path_); }

  std::string text() const {
    std::ifstream file(path_);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  const std::string path_ =
      (std::filesystem::temp_directory_path() / ("xgate-alive-" + std::to_string(::getpid())))
          .string();
};

TEST_F(HeartbeatFile, holds_the_second_of_the_last_beat) {
  auto opened = Heartbeat::open(path_);
  ASSERT_TRUE(opened) << opened.error();
  EXPECT_EQ(text(), "0000000000\n") << "no beat yet, whatever stood there";
  Heartbeat heartbeat = std::move(*opened);
  heartbeat.beat(1'700'000'000'999);
  EXPECT_EQ(text(), "1700000000\n");
  heartbeat.beat(1'600'000'000'000);
  EXPECT_EQ(text(), "1600000000\n") << "a clock may be set back";
}

TEST_F(HeartbeatFile, that_cannot_be_written_is_named) {
  const auto opened = Heartbeat::open("/nowhere/alive");
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error(),
            "plugin_opt_alive_file: cannot write /nowhere/alive: No such file or directory");
}

TEST_F(HeartbeatFile, is_not_needed) {
  auto heartbeat = Heartbeat::open("");
  ASSERT_TRUE(heartbeat);
  heartbeat->beat(1'700'000'000'000);
}

}  // namespace
}  // namespace xgate::plugin
