// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace xgate::pg {

/// The hex digits of `bytes`, without the leading \x.
void append_hex(std::string& out, std::string_view bytes);
/// From the server's form, \x…; empty where it is not that.
std::string decode_bytea(std::string_view text);

}  // namespace xgate::pg
