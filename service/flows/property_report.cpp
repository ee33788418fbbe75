// SPDX-License-Identifier: Apache-2.0
#include "service/flows/property_report.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "protocol/json.hpp"
#include "service/store/report_rules.hpp"

namespace xgate::flows {

store::FlowResult property_report(const store::OpenedMessage& message) {
  const auto refuse = [](std::string why) {
    return tl::unexpected(protocol::FrameRefusal{"PROP-1", std::move(why), {}, {}});
  };
  if (!message.payload.is_object()) return refuse("Payload must be an object, {identifier: value}");
  const auto rules = store::report_rules(message);
  store::Accepted accepted;
  std::vector<std::string> notes;
  accepted.properties.reserve(message.payload.size());
  for (const auto& [identifier, value] : message.payload.items()) {
    auto taken = protocol::take_property(rules, identifier, value);
    if (!taken) return refuse(std::move(taken.error()));
    std::ranges::move(taken->notes, std::back_inserter(notes));
    accepted.warning = accepted.warning || taken->misfit;
    accepted.properties.push_back({.device_id = message.device.device_id,
                                   .identifier = identifier,
                                   .value = protocol::compact(taken->value),
                                   .device_time_ms = message.received_at_ms,
                                   .received_at_ms = message.received_at_ms});
  }
  if (accepted.properties.empty()) {
    notes.emplace_back(protocol::holds_nothing);
    accepted.warning = true;
  }
  accepted.note = protocol::joined_notes(notes);
  return accepted;
}

}  // namespace xgate::flows
