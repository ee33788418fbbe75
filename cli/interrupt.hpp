// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

namespace xgate::cli {

/// Waits for Ctrl-C (or SIGTERM) at most that long, and says whether it came. From the first call
/// on the signals are held back for this function, so that a follow ends between two lines.
bool interrupted_within(std::chrono::milliseconds time);

}  // namespace xgate::cli
