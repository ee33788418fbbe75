// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/command.hpp"

namespace xgate::cli {

Handler declare_product_add(CLI::App& app);
Handler declare_product_list(CLI::App& app);
Handler declare_product_show(CLI::App& app);
Handler declare_product_set(CLI::App& app);
Handler declare_product_delete(CLI::App& app);

}  // namespace xgate::cli
