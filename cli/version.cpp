// SPDX-License-Identifier: Apache-2.0
#include "cli/version.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "generated/version.hpp"

namespace xgate::cli {

std::string_view version() noexcept { return XGATE_VERSION; }

Handler declare_version(CLI::App&) {
  return [](const Context& context) -> Outcome {
    if (context.global.json) {
      context.print({{"version", version()}});
    } else {
      context.env.out << "xgate " << version() << '\n';
    }
    return {};
  };
}

}  // namespace xgate::cli
