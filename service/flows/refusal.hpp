// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string_view>

#include "link/events.hpp"
#include "service/store/rows.hpp"

namespace xgate::flows {

/// The devices that must be known to explain a refusal: the one that the client claimed to be, and
/// those that it may have meant.
void names_to_explain(const link::Refused& event, std::set<store::DeviceName>& names);

/// V2-6, TRACE-1: the row of a refusal, with the usual mistake that explains it. What the client
/// sent as password is used here and goes no further.
store::RefusalRow refusal(std::string_view broker, const link::Refused& event,
                          const store::State& state);

}  // namespace xgate::flows
