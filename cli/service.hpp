// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/command.hpp"

// The commands that run on the service's own machine, with its settings file.
namespace xgate::cli {

Handler declare_serve(CLI::App& app);
Handler declare_migrate(CLI::App& app);
Handler declare_config(CLI::App& app);

}  // namespace xgate::cli
