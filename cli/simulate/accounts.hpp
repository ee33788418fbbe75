// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "cli/command.hpp"
#include "cli/options.hpp"
#include "cli/simulate/account.hpp"

namespace xgate::cli {

/// What the command line says about the devices that are simulated; the rest is asked of the
/// service, unless it says everything.
struct AccountOptions {
  std::string open_id;
  SecretOption product_key;
  SecretOption device_secret;
  std::string auth;
  bool encrypted = false;
  std::string key_reading;
  std::string login_type = "1";
};
void add_account_options(CLI::App& app, AccountOptions& options);

/// The accounts of these devices of one product, with their secrets where type 2 needs them.
Result<std::vector<DeviceAccount>> find_accounts(const Context& context,
                                                 const AccountOptions& options,
                                                 const std::string& product_id,
                                                 const std::vector<std::string>& node_euis);

}  // namespace xgate::cli
