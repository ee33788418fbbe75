// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <variant>

#include <tl/expected.hpp>

namespace xgate::cli {

/// Why there is no token: what the system said, or a sentence of our own that names the file.
using NoToken = std::variant<int, std::string>;

/// The token in `file`. Whoever may write there must not make a caller of more rights send what he
/// himself may not read: links are followed where root or the caller made them, and in a folder
/// that is another's only a file of his own, or of theirs, is read. Other text than a token is
/// refused.
tl::expected<std::string, NoToken> read_token_file(const std::filesystem::path& file);

}  // namespace xgate::cli
