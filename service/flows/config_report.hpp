// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "service/store/effects.hpp"

namespace xgate::flows {

/// CONF-1: the settings that a device has, asked for or not.
store::FlowResult config_report(const store::OpenedMessage& message);

}  // namespace xgate::flows
