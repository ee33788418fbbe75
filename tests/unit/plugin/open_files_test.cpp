// SPDX-License-Identifier: Apache-2.0
#include "plugin/open_files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

namespace xgate::plugin {
namespace {

using testing::HasSubstr;

struct OpenFilesTest : testing::Test {
  OpenFilesTest() { getrlimit(RLIMIT_NOFILE, &before); }
  ~OpenFilesTest() override { setrlimit(RLIMIT_NOFILE, &before); }
  static void allow(rlim_t soft, rlim_t hard) {
    const rlimit limit{soft, hard};
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
  }
  rlimit before{};
};

TEST_F(OpenFilesTest, are_raised_as_far_as_the_system_lets) {
  if (before.rlim_max < 5000) GTEST_SKIP() << "too few open files are allowed here";
  allow(1000, before.rlim_max);
  const OpenFiles now = raise_open_files();
  EXPECT_EQ(now.level, LogLevel::info);
  EXPECT_THAT(now.text, HasSubstr(std::to_string(before.rlim_max) + " open files"));
  EXPECT_THAT(now.text, HasSubstr("raised from 1000"));
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  EXPECT_EQ(limit.rlim_cur, before.rlim_max);
}

TEST_F(OpenFilesTest, that_are_few_are_a_warning_that_says_how_to_have_more) {
  // its hard limit cannot be raised again by everybody: in a process of its own
  EXPECT_EXIT(
      {
        rlimit limit{};
        limit.rlim_cur = limit.rlim_max = 1000;
        setrlimit(RLIMIT_NOFILE, &limit);
        const OpenFiles now = raise_open_files();
        std::cerr << now.text;
        std::exit(now.level == LogLevel::warning ? 0 : 1);
      },
      testing::ExitedWithCode(0), "1000 open files.*LimitNOFILE");
}

}  // namespace
}  // namespace xgate::plugin
