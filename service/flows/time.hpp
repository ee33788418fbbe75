// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "service/store/effects.hpp"

namespace xgate::flows {

/// TIME-1: the platform's time and zone, as the ack's Data.
store::FlowResult update_time(const store::OpenedMessage& message);

}  // namespace xgate::flows
