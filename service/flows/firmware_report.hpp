// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "service/store/effects.hpp"

namespace xgate::flows {

/// FW-1: the versions of one module of the device; OTA-1 and OTA-3: what they mean for its upgrade.
store::FlowResult firmware_report(const store::OpenedMessage& message);

}  // namespace xgate::flows
