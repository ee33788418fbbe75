// SPDX-License-Identifier: Apache-2.0
#include "service/flows/time.hpp"

namespace xgate::flows {

store::FlowResult update_time(const store::OpenedMessage& message) {
  store::Accepted accepted;
  accepted.ack_data = nlohmann::json{{"timestamp", message.now_ms}, {"timezone", message.zone}};
  return accepted;
}

}  // namespace xgate::flows
