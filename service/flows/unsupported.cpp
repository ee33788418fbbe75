// SPDX-License-Identifier: Apache-2.0
#include "service/flows/unsupported.hpp"

namespace xgate::flows {

store::FlowResult unsupported(const store::OpenedMessage& message, std::string_view requirement) {
  return tl::unexpected(protocol::FrameRefusal{
      .requirement = std::string(requirement),
      .reason = std::string(not_supported_yet),
      .message_id = message.frame.message_id,
      .header_ctrl = message.frame.header_ctrl,
  });
}

}  // namespace xgate::flows
