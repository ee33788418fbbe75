// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace xgate::api {

std::string to_base64(std::string_view bytes);  ///< RFC 4648, with padding

}  // namespace xgate::api
