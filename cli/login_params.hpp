// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/command.hpp"

namespace xgate::cli {

/// The source's 参数生成工具 (§2.2.5).
Handler declare_login_params(CLI::App& app);

}  // namespace xgate::cli
