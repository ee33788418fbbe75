// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "service/store/effects.hpp"

namespace xgate::flows {

/// UP-1: any JSON a device reports. Being stored is all that it asks for.
store::FlowResult uplink(const store::OpenedMessage& message);

}  // namespace xgate::flows
