// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "cli/command.hpp"

namespace xgate::cli {

Handler declare_model_set(CLI::App& app);
Handler declare_model_show(CLI::App& app);

/// JSON text with a member a line, two spaces a level, its members in their order.
std::string indented(std::string_view json);

}  // namespace xgate::cli
