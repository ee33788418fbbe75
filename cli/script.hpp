// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/command.hpp"

namespace xgate::cli {

Handler declare_script_set(CLI::App& app);
Handler declare_script_show(CLI::App& app);
Handler declare_script_test(CLI::App& app);

}  // namespace xgate::cli
