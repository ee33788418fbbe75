// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/command.hpp"

namespace xgate::cli {

/// xgate send P.N WHAT …: tells or asks a device something.
Handler declare_send(CLI::App& app);

}  // namespace xgate::cli
