// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "link/events.hpp"
#include "service/store/rows.hpp"

namespace xgate::flows {

/// V2-6, TRACE-1: the row of a refusal, with the usual mistake that explains a wrong password. What
/// the client sent as password is used here and goes no further.
store::RefusalRow refusal(std::string_view broker, const link::Refused& event,
                          const store::Product* product, const store::Device* device);

}  // namespace xgate::flows
