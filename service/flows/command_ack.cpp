// SPDX-License-Identifier: Apache-2.0
#include "service/flows/command_ack.hpp"

#include <utility>

#include "protocol/command_payload.hpp"

namespace xgate::flows {

store::FlowResult command_ack(const store::OpenedMessage& message) {
  auto ack = protocol::parse_command_ack(message.payload);
  if (!ack) {
    return tl::unexpected(protocol::FrameRefusal{"FRAME-4", std::move(ack.error()), {}, {}});
  }
  return store::Accepted{};
}

}  // namespace xgate::flows
