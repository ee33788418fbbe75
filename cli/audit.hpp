// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/command.hpp"

namespace xgate::cli {

/// `xgate audit`: who changed what, and who was shown secrets.
Handler declare_audit(CLI::App& app);

}  // namespace xgate::cli
