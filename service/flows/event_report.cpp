// SPDX-License-Identifier: Apache-2.0
#include "service/flows/event_report.hpp"

#include <utility>

#include "protocol/json.hpp"
#include "service/store/report_rules.hpp"

namespace xgate::flows {

store::FlowResult event_report(const store::OpenedMessage& message) {
  auto taken =
      protocol::take_event(store::report_rules(message), message.topic.identifier, message.payload);
  if (!taken) {
    return tl::unexpected(protocol::FrameRefusal{"EVENT-1", std::move(taken.error()), {}, {}});
  }
  store::Accepted accepted;
  accepted.events.push_back({.device_id = message.device.device_id,
                             .identifier = std::string(message.topic.identifier),
                             .type = std::move(taken->type),
                             .params = protocol::compact(taken->params.value),
                             .device_time_ms = message.received_at_ms,
                             .received_at_ms = message.received_at_ms});
  accepted.note = protocol::joined_notes(taken->params.notes);
  accepted.warning = taken->params.misfit;
  return accepted;
}

}  // namespace xgate::flows
