// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/command.hpp"

namespace xgate::cli {

Handler declare_device_import(CLI::App& app);
Handler declare_device_export(CLI::App& app);

}  // namespace xgate::cli
