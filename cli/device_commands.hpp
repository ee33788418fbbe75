// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/command.hpp"
#include "cli/json.hpp"

namespace xgate::cli {

Handler declare_device_commands(CLI::App& app);  ///< xgate commands P|P.N
Handler declare_command_show(CLI::App& app);
Handler declare_command_cancel(CLI::App& app);
/// xgate config P.N: what the device reported (CONF-1).
Outcome show_device_config(const Context& context, const std::string& device);

void print_command(const Context& context, const Json& command);

}  // namespace xgate::cli
