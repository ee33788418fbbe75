// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <tl/expected.hpp>

namespace xgate::plugin {

/// The file that this process was started with (-c, --config-file); empty where it cannot be told.
std::string configuration_of_this_broker();

/// An error, one sentence, where everybody may read a secret of the broker's configuration: a
/// listener's private key (keyfile), or plugin_opt_database, if it carries a password. Included
/// files (include_dir) are looked through too; what cannot be read is left to the broker.
tl::expected<void, std::string> check_secrets_are_closed(const std::string& configuration,
                                                         bool database_has_password);

}  // namespace xgate::plugin
