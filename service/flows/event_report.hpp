// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "service/store/effects.hpp"

namespace xgate::flows {

/// EVENT-1: an event, named by the topic, with its output parameters.
store::FlowResult event_report(const store::OpenedMessage& message);

}  // namespace xgate::flows
