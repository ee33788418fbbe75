// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "service/store/effects.hpp"

namespace xgate::flows {

/// DOWN-1, PROP-2, SVC-1, HEX-2: a device's ack of a command, on downlink_ack, set_ack, …/ack and
/// hex/downlink_ack. Which command it settles is flows::answer's to say.
store::FlowResult command_ack(const store::OpenedMessage& message);

}  // namespace xgate::flows
