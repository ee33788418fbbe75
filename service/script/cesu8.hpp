// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

// Duktape keeps JavaScript's 16-bit characters one by one: what UTF-8 writes as four bytes is two
// of three bytes each there (CESU-8).
namespace xgate::script {

/// Of valid UTF-8.
std::string to_cesu8(std::string_view utf8);
/// Always valid UTF-8: what is none, such as half a pair, becomes U+FFFD.
std::string from_cesu8(std::string_view cesu8);

}  // namespace xgate::script
