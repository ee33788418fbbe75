// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/command.hpp"

namespace xgate::cli {

Handler declare_device_add(CLI::App& app);
Handler declare_device_show(CLI::App& app);
Handler declare_device_list(CLI::App& app);
Handler declare_device_enable(CLI::App& app);
Handler declare_device_disable(CLI::App& app);
Handler declare_device_reset(CLI::App& app);
Handler declare_device_kick(CLI::App& app);
Handler declare_device_unlock(CLI::App& app);
Handler declare_device_delete(CLI::App& app);

}  // namespace xgate::cli
