// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "cli/command.hpp"

namespace CLI {  // NOLINT(readability-identifier-naming): not ours
class Option;
}

namespace xgate::cli {

/// The group of the options that every command has.
inline constexpr const char* everywhere = "Everywhere · 通用";

/// "xgate device add P.N [--secret HEX] …", from the options themselves.
std::string usage_line(const CLI::App& app);

/// "--secret HEX", or of a positional "P.N".
std::string with_value(const CLI::Option& option);

/// Whether commands stand below it: a group, or the program itself.
bool is_group(const CLI::App& app);

/// The help of a command; of a group or of the program (`command` null) the commands below it.
std::string help_text(const CLI::App& app, const Command* command);

}  // namespace xgate::cli
