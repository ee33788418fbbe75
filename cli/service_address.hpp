// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "cli/environment.hpp"
#include "cli/failure.hpp"

namespace xgate::cli {

inline constexpr const char* default_url = "http://127.0.0.1:8080";  ///< where `./run` listens

struct ServiceAddress {
  std::string url;
  std::string token;
};

/// Where the service is and what opens it. Each from the option, else from the environment, else
/// as `./run` leaves it: the token in var/admin.token of this folder or of the checkout that this
/// program was built in.
Result<ServiceAddress> find_service(const Environment& env, const std::string& url_option,
                                    const std::string& token_file_option);

}  // namespace xgate::cli
