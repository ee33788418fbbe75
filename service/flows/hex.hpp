// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "service/store/effects.hpp"

namespace xgate::flows {

/// HEX-1, HEX-3: what the product's script made of a HEX message, as if it had come as JSON. The
/// reply to a call asks for nothing more here: whose it is, is looked for of every message.
store::FlowResult hex(const store::OpenedMessage& message);

}  // namespace xgate::flows
