// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <tl/expected.hpp>

namespace xgate::pg {

/// Whether a libpq connection string or URI carries a password itself; an error, in one sentence
/// without the text, where it is malformed.
tl::expected<bool, std::string> has_password(const std::string& conninfo);

}  // namespace xgate::pg
