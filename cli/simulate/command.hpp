// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/command.hpp"

namespace xgate::cli {

Handler declare_simulate(CLI::App& app);

}  // namespace xgate::cli
