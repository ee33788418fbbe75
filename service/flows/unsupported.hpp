// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "service/store/effects.hpp"

namespace xgate::flows {

inline constexpr std::string_view not_supported_yet = "not supported yet";

/// A topic of the protocol whose flow is not built: the message is kept, its device is told 4001.
store::FlowResult unsupported(std::string_view requirement);

}  // namespace xgate::flows
