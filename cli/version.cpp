// SPDX-License-Identifier: Apache-2.0
#include "cli/version.hpp"

#include <ostream>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

namespace xgate::cli {

Handler declare_version(CLI::App&) {
  return [](const Context& context) -> Outcome {
    if (context.global.json) {
      context.print({{"version", XGATE_VERSION}});
    } else {
      context.env.out << "xgate " << XGATE_VERSION << '\n';
    }
    return {};
  };
}

}  // namespace xgate::cli
