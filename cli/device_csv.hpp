// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <iosfwd>
#include <string>

#include "cli/command.hpp"

namespace xgate::cli {

/// Registers the devices of a CSV text with its heading, and says how many there were. `source` is
/// what refused lines are told by: a file's name. `devices`: what they are called where no file is
/// imported, "devices A to B".
Outcome import_devices(const Context& context, const std::string& source, std::istream& csv,
                       const std::string& devices = {});

Handler declare_device_import(CLI::App& app);
Handler declare_device_export(CLI::App& app);

}  // namespace xgate::cli
