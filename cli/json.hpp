// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace xgate::cli {

/// What the service answers. The members of an object stay in the order they came in: devices' are
/// shown as the devices wrote them.
using Json = nlohmann::ordered_json;

}  // namespace xgate::cli
