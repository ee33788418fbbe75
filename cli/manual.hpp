// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/command.hpp"

namespace xgate::cli {

/// `xgate manual FOLDER`: pages for man(1) in English and Chinese, one of the program and one of
/// each of its first words, written out of the commands' own declarations.
Handler declare_manual(CLI::App& app);

}  // namespace xgate::cli
