// SPDX-License-Identifier: Apache-2.0
#include "service/flows/hex.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "protocol/hex_report.hpp"
#include "protocol/json.hpp"
#include "service/store/report_rules.hpp"

namespace xgate::flows {
namespace {

tl::unexpected<protocol::FrameRefusal> refuse(const char* requirement, std::string why) {
  return tl::make_unexpected(protocol::FrameRefusal{requirement, std::move(why), {}, {}});
}

store::FlowResult properties(const store::OpenedMessage& message, const nlohmann::json& values) {
  const auto rules = store::report_rules(message);
  store::Accepted accepted;
  std::vector<std::string> notes;
  accepted.properties.reserve(values.size());
  for (const auto& [identifier, value] : values.items()) {
    const auto timed = protocol::read_timed_value(value, message.received_at_ms);
    if (!timed) return refuse("HEX-1", '"' + identifier + "\" " + timed.error());
    auto taken = protocol::take_property(rules, identifier, *timed->value);
    if (!taken) return refuse("PROP-1", std::move(taken.error()));
    std::ranges::move(taken->notes, std::back_inserter(notes));
    accepted.warning = accepted.warning || taken->misfit;
    accepted.properties.push_back(
        {.device_id = message.device.device_id,
         .identifier = identifier,
         .value = protocol::compact(taken->value),
         .device_time_ms = timed->time_ms.value_or(message.received_at_ms),
         .received_at_ms = message.received_at_ms});
  }
  accepted.note = protocol::joined_notes(notes);
  return accepted;
}

store::FlowResult event(const store::OpenedMessage& message, const std::string& identifier,
                        const nlohmann::json& params) {
  const auto timed = protocol::read_timed_value(params, message.received_at_ms);
  if (!timed) return refuse("HEX-1", '"' + identifier + "\" " + timed.error());
  auto taken = protocol::take_event(store::report_rules(message), identifier, *timed->value);
  if (!taken) return refuse("EVENT-1", std::move(taken.error()));
  store::Accepted accepted;
  accepted.events.push_back({.device_id = message.device.device_id,
                             .identifier = identifier,
                             .type = std::move(taken->type),
                             .params = protocol::compact(taken->params.value),
                             .device_time_ms = timed->time_ms.value_or(message.received_at_ms),
                             .received_at_ms = message.received_at_ms});
  accepted.note = protocol::joined_notes(taken->params.notes);
  accepted.warning = taken->params.misfit;
  return accepted;
}

}  // namespace

store::FlowResult hex(const store::OpenedMessage& message) {
  if (message.script == nullptr) {
    return refuse("HEX-4", "the platform could not run the parsing script: send it again");
  }
  if (!message.script->object) return refuse("HEX-4", message.script->object.error());
  const auto report = protocol::read_hex_report(*message.script->object, message.frame.header_ctrl);
  if (!report) {
    return refuse(message.topic.name == protocol::TopicName::hex_full ? "HEX-3" : "HEX-1",
                  report.error());
  }
  switch (report->kind) {
    case protocol::HexKind::properties:
      return properties(message, *report->values);
    case protocol::HexKind::event:
      return event(message, report->identifier, *report->values);
    case protocol::HexKind::result:
      break;
  }
  return store::Accepted{};
}

}  // namespace xgate::flows
