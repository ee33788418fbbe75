// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <tl/expected.hpp>

namespace xgate::cli {

/// The NodeEuis of `count` devices: the decimal number at the end of the first one counts on, in as
/// many digits as it has. The error is half a sentence about why there are none (ID-3).
tl::expected<std::vector<std::string>, std::string> node_euis(const std::string& first,
                                                              std::int64_t count);

}  // namespace xgate::cli
