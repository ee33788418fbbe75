// SPDX-License-Identifier: Apache-2.0
#include "service/flows/unsupported.hpp"

namespace xgate::flows {

store::FlowResult unsupported(std::string_view requirement) {
  return tl::unexpected(
      protocol::FrameRefusal{std::string(requirement), std::string(not_supported_yet), {}, {}});
}

}  // namespace xgate::flows
