// SPDX-License-Identifier: Apache-2.0
#include "service/script/sandbox.hpp"

#include <array>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <functional>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

namespace xgate::script {
namespace {

/// Locks a child in, whose channel is a pipe's end, and lets it do something.
void inside(const std::function<void(int channel)>& act) {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0 || !enter_sandbox(ends[1], 16).empty()) _exit(99);
  act(ends[1]);
  _exit(0);
}

class SandboxTest : public testing::Test {
 protected:
  void SetUp() override {
    if (sandbox_is_relaxed) GTEST_SKIP() << "a sanitized build has no filter of system calls";
  }
};
using SandboxDeathTest = SandboxTest;

TEST_F(SandboxDeathTest, lets_through_what_a_script_process_needs) {
  EXPECT_EXIT(inside([](int channel) {
                if (write(channel, "x", 1) != 1) _exit(1);
                timespec now{};
                if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now) != 0) _exit(2);
                void* memory = std::malloc(std::size_t{4} << 20U);
                if (memory == nullptr) _exit(3);
                std::free(memory);
              }),
              testing::ExitedWithCode(0), "");
}

TEST_F(SandboxDeathTest, every_other_call_kills) {
  const std::array<std::function<void(int)>, 8> attempts{
      [](int) { open("/etc/passwd", O_RDONLY); },
      [](int) { socket(AF_INET, SOCK_STREAM, 0); },
      [](int) { fork(); },
      [](int) { execl("/bin/true", "true", nullptr); },
      [](int) { kill(getppid(), SIGTERM); },
      [](int) { write(STDERR_FILENO, "x", 1); },
      [](int) { mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); },
      [](int) { unlink("/tmp/nothing"); },
  };
  for (const auto& attempt : attempts) {
    EXPECT_EXIT(inside(attempt), testing::KilledBySignal(SIGSYS), "");
  }
}

TEST_F(SandboxDeathTest, addresses_have_an_end) {
  EXPECT_EXIT(inside([](int) {
                for (int i = 0; i < 1000; ++i) {
                  if (std::malloc(std::size_t{8} << 20U) == nullptr) _exit(7);
                }
              }),
              testing::ExitedWithCode(7), "");
}

}  // namespace
}  // namespace xgate::script
