// SPDX-License-Identifier: Apache-2.0
#include "service/flows/uplink.hpp"

namespace xgate::flows {

store::FlowResult uplink(const store::OpenedMessage& /*message*/) { return store::Accepted{}; }

}  // namespace xgate::flows
