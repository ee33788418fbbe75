// SPDX-License-Identifier: Apache-2.0
#include "directory/background.hpp"

#include <algorithm>
#include <future>
#include <memory>
#include <stdexcept>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

namespace xgate::directory {
namespace {

int niceness() { return ::getpriority(PRIO_PROCESS, 0); }  // on Linux: of the calling thread

TEST(Background, work_stands_back_and_its_caller_does_not) {
  const int before = niceness();
  EXPECT_EQ(in_background([] { return niceness(); }), std::min(before + 10, 19));
  EXPECT_EQ(niceness(), before);
}

TEST(Background, gives_what_the_work_gave) {
  EXPECT_EQ(*in_background([] { return std::make_unique<int>(7); }), 7);
}

TEST(Background, what_the_work_throws_is_thrown_to_the_caller) {
  EXPECT_THROW(in_background([]() -> int { throw std::runtime_error("away"); }),
               std::runtime_error);
}

#ifndef __SANITIZE_THREAD__
TEST(Background, a_thread_with_its_own_descriptors_keeps_one_and_leaves_the_others_theirs) {
  const int kept = ::eventfd(0, EFD_CLOEXEC);
  const int others = ::dup(kept);
  ASSERT_GT(others, kept);
  std::async(std::launch::async, [&] {
    own_descriptors(kept);
    EXPECT_EQ(::fcntl(others, F_GETFD), -1);
    EXPECT_NE(::fcntl(STDERR_FILENO, F_GETFD), -1);
    EXPECT_EQ(::eventfd_write(kept, 5), 0);
  }).get();
  EXPECT_NE(::fcntl(others, F_GETFD), -1);
  eventfd_t told = 0;
  EXPECT_EQ(::eventfd_read(others, &told), 0);  // the same event, under both names
  EXPECT_EQ(told, 5U);
  ::close(others);
  ::close(kept);
}
#endif

}  // namespace
}  // namespace xgate::directory
