// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/command.hpp"

namespace xgate::cli {

Handler declare_version(CLI::App& app);

}  // namespace xgate::cli
