// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/command.hpp"

namespace xgate::cli {

Handler declare_properties(CLI::App& app);
Handler declare_events(CLI::App& app);
Handler declare_history(CLI::App& app);

}  // namespace xgate::cli
