// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace xgate::protocol {

/// RFC 4648 section 4: with padding, without line breaks.
std::string to_base64(std::string_view bytes);

/// The bytes of what to_base64() writes, and of nothing else. Refused are a length that is not a
/// multiple of 4, any other character (blanks, line breaks, - and _), padding that is missing or
/// not at the end, and a last character with bits that belong to no byte.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace xgate::protocol
