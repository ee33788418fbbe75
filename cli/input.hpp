// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "cli/environment.hpp"
#include "cli/failure.hpp"

namespace xgate::cli {

/// What a FILE argument names, whole: a file, or standard input where it is `-` (in a container,
/// whose commands do not see the files of the machine).
Result<std::string> read_input(const Environment& env, const std::string& file);
/// The name for sentences: "standard input" for `-`.
std::string input_name(const std::string& file);

}  // namespace xgate::cli
