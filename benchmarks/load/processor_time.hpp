// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace xgate::benchmarks {

/// Seconds of processor time that a process and all its children that live have used, from
/// /proc/PID/task/*/schedstat (nanoseconds), or from stat (ticks) where the kernel keeps no
/// schedstat. A process that ended counts no more: so look at it twice while nobody comes or goes.
double processor_seconds(int pid);

/// The first number of a schedstat line, in seconds; negative where it is none.
double schedstat_seconds(std::string_view line) noexcept;
/// utime + stime of a line of /proc/PID/stat, in seconds; negative where it is none.
double stat_seconds(std::string_view line, double ticks_per_second) noexcept;

}  // namespace xgate::benchmarks
