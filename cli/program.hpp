// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include "cli/environment.hpp"

namespace xgate::cli {

/// The program: parses the words after its name, runs the command, returns the exit status.
int run(const std::vector<std::string>& words, const Environment& env);

}  // namespace xgate::cli
