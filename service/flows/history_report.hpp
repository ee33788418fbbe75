// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "service/store/effects.hpp"

namespace xgate::flows {

/// HIST-1: what a device gathered earlier, under its own times.
store::FlowResult history_report(const store::OpenedMessage& message);

}  // namespace xgate::flows
