// SPDX-License-Identifier: Apache-2.0
#include "cli/interrupt.hpp"

#include <csignal>
#include <ctime>

namespace xgate::cli {

bool interrupted_within(std::chrono::milliseconds time) {
  static bool came = false;
  static const sigset_t signals = [] {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    return set;
  }();
  timespec wait{};
  wait.tv_sec = static_cast<time_t>(time.count() / 1000);
  wait.tv_nsec = static_cast<long>(time.count() % 1000) * 1'000'000;
  came = came || sigtimedwait(&signals, nullptr, &wait) > 0;
  return came;
}

}  // namespace xgate::cli
