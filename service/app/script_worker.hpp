// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

namespace xgate::app {

/// How the service starts a process that runs parsing scripts, and the limits it gives it:
/// `xgate script-worker TIME_MS MEMORY_MB ZONE [apart]`, the channel being standard input. Not for
/// people.
inline constexpr const char* script_worker_word = "script-worker";

int script_worker(std::span<char* const> arguments);

}  // namespace xgate::app
