// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/command.hpp"

namespace xgate::cli {

Handler declare_upgrade_start(CLI::App& app);
Handler declare_upgrade_list(CLI::App& app);
Handler declare_upgrade_show(CLI::App& app);
Handler declare_upgrade_advance(CLI::App& app);
Handler declare_upgrade_cancel(CLI::App& app);
Handler declare_upgrade_retry(CLI::App& app);

}  // namespace xgate::cli
