// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace xgate::store {

/// 32 bytes. Throws std::runtime_error where the system has none.
std::string sha256(std::string_view bytes);

}  // namespace xgate::store
