// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/command.hpp"

namespace xgate::cli {

Handler declare_token_add(CLI::App& app);
Handler declare_token_list(CLI::App& app);
Handler declare_token_revoke(CLI::App& app);

}  // namespace xgate::cli
