// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "service/store/effects.hpp"

namespace xgate::flows {

/// OTA-2: the device confirms an upgrade by its DownID.
store::FlowResult ota_notify_ack(const store::OpenedMessage& message);

}  // namespace xgate::flows
