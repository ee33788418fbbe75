// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/command.hpp"

namespace xgate::cli {

Handler declare_firmware_add(CLI::App& app);
Handler declare_firmware_list(CLI::App& app);
Handler declare_firmware_delete(CLI::App& app);

}  // namespace xgate::cli
