// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/command.hpp"

namespace xgate::cli {

Handler declare_vendor_add(CLI::App& app);
Handler declare_vendor_list(CLI::App& app);
Handler declare_vendor_set(CLI::App& app);

}  // namespace xgate::cli
