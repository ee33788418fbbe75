// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "cli/command.hpp"

namespace xgate::cli {

/// Of the project, with the commit that it was built from.
std::string_view version() noexcept;

Handler declare_version(CLI::App& app);

}  // namespace xgate::cli
