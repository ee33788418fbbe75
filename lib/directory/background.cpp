// SPDX-License-Identifier: Apache-2.0
#include "directory/background.hpp"

#include <algorithm>
#include <cstdint>

#include <linux/close_range.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace xgate::directory {
namespace {

// As sched_setattr(2) has it; Debian 12's libc has no function for it, and its
// <linux/sched/types.h> cannot stand beside <sched.h>.
struct SchedulingAttributes {
  std::uint32_t size = sizeof(SchedulingAttributes);
  std::uint32_t policy = 0;
  std::uint64_t flags = 0;
  std::int32_t nice = 0;
  std::uint32_t priority = 0;
  std::uint64_t runtime = 0;
  std::uint64_t deadline = 0;
  std::uint64_t period = 0;
};

/// A tenth of the processor where others want all of it. Not less (SCHED_IDLE): on a machine that
/// is busy for minutes the directory would stay old for minutes.
constexpr std::int32_t niceness = 10;  // more than its caller's
/// How long it may keep somebody waiting who has just woken up (Linux 6.12; before, nothing).
constexpr std::uint64_t slice_ns = 100'000;

}  // namespace

void stand_back() noexcept {
  SchedulingAttributes attributes;
  attributes.policy = SCHED_BATCH;
  attributes.nice = std::min(::getpriority(PRIO_PROCESS, 0) + niceness, 19);
  attributes.runtime = slice_ns;
  // A kernel or a sandbox that refuses leaves things as they were.
  ::syscall(SYS_sched_setattr, 0, &attributes, 0);
}

void own_descriptors([[maybe_unused]] int kept) noexcept {
#ifndef __SANITIZE_THREAD__  // which knows one table a process, and would see races in it
  const auto after = static_cast<unsigned>(kept) + 1;
  // What this thread has no use for, the broker's log for one, must not be held open by it. Where
  // the kernel would not do this first step, all is as it was, and nothing may be closed.
  if (kept <= STDERR_FILENO || ::close_range(after, ~0U, CLOSE_RANGE_UNSHARE) != 0) return;
  if (kept > STDERR_FILENO + 1) {
    ::close_range(STDERR_FILENO + 1, static_cast<unsigned>(kept) - 1, 0);
  }
#endif
}

}  // namespace xgate::directory
