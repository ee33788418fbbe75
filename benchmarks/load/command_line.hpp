// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "benchmarks/load/options.hpp"

namespace xgate::benchmarks {

/// Nothing where the program is done: help was asked for (status 0) or something is wrong (status
/// 2, said on stderr).
std::optional<Options> parse_command_line(int argc, const char* const* argv, int& status);

}  // namespace xgate::benchmarks
