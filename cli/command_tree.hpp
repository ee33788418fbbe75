// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/command.hpp"

namespace xgate::cli {

/// A word of the command line that may follow `xgate`, and what may follow it in turn: what help,
/// manual and completion are generated from.
struct CommandNode {
  std::string path;  ///< "device add"; of the program itself empty
  const CLI::App* app = nullptr;
  const Command* command = nullptr;  ///< null for a group and for the program
};

/// The program that `app` belongs to, then its groups and commands in the order of the help, each
/// group before its own.
std::vector<CommandNode> command_tree(const CLI::App& app);

/// The commands right below `path`.
std::vector<CommandNode> below(const std::vector<CommandNode>& tree, std::string_view path);

}  // namespace xgate::cli
