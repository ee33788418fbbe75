// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/command.hpp"

namespace xgate::cli {

/// `xgate completion bash|zsh`: a script for the shell, written out of the commands' own
/// declarations.
Handler declare_completion(CLI::App& app);

}  // namespace xgate::cli
