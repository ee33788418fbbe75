// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace xgate::script {

/// What a sanitizer's runtime does would end a process that is locked in: such a build, which no
/// site runs, has no limit of addresses and no filter of system calls.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool sandbox_is_relaxed = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
inline constexpr bool sandbox_is_relaxed = true;
#else
inline constexpr bool sandbox_is_relaxed = false;
#endif
#else
inline constexpr bool sandbox_is_relaxed = false;
#endif

/// A sanitized build is some times slower, and it is the same script: its limits are so many times
/// those of other builds, and what it uses counts for so much less.
inline constexpr int slowness = sandbox_is_relaxed ? 4 : 1;

/// Locks this process in, for good: it can read and write the descriptor `channel`, ask for the
/// time, take some memory, and end. Every other system call kills it. Empty: done; else why not.
std::string enter_sandbox(int channel, int memory_mb);

}  // namespace xgate::script
