// SPDX-License-Identifier: Apache-2.0
#include "service/flows/history_report.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "protocol/history_report.hpp"
#include "protocol/json.hpp"
#include "service/store/report_rules.hpp"

namespace xgate::flows {
namespace {

using protocol::HistoryItem;

/// The items of one message on their way into its effects.
struct Taking {
  const store::OpenedMessage& message;
  protocol::ReportRules rules;
  store::Accepted accepted{};
  std::vector<std::string> notes{};

  tl::expected<void, std::string> property(const HistoryItem& item) {
    auto taken = protocol::take_property(rules, item.identifier, *item.value);
    if (!taken) return tl::unexpected(std::move(taken.error()));
    std::ranges::move(taken->notes, std::back_inserter(notes));
    accepted.warning = accepted.warning || taken->misfit;
    accepted.properties.push_back({.device_id = message.device.device_id,
                                   .identifier = std::string(item.identifier),
                                   .value = protocol::compact(taken->value),
                                   .device_time_ms = item.time_ms,
                                   .received_at_ms = message.received_at_ms});
    return {};
  }

  tl::expected<void, std::string> event(const HistoryItem& item) {
    auto taken = protocol::take_event(rules, item.identifier, *item.value);
    if (!taken) return tl::unexpected(std::move(taken.error()));
    std::ranges::move(taken->params.notes, std::back_inserter(notes));
    accepted.warning = accepted.warning || taken->params.misfit;
    accepted.events.push_back({.device_id = message.device.device_id,
                               .identifier = std::string(item.identifier),
                               .type = std::move(taken->type),
                               .params = protocol::compact(taken->params.value),
                               .device_time_ms = item.time_ms,
                               .received_at_ms = message.received_at_ms});
    return {};
  }

  tl::expected<void, std::string> take(const HistoryItem& item) {
    if (!item.problem.empty()) {
      if (!rules.keep) return tl::unexpected(item.problem);
      notes.push_back("kept under the time of receiving: " + item.problem);
      accepted.warning = true;
    }
    return item.is_event ? event(item) : property(item);
  }
};

}  // namespace

store::FlowResult history_report(const store::OpenedMessage& message) {
  const auto refuse = [](std::string why) {
    return tl::unexpected(protocol::FrameRefusal{"HIST-1", std::move(why), {}, {}});
  };
  auto items = protocol::parse_history(message.payload, message.received_at_ms);
  if (!items) return refuse(std::move(items.error()));
  Taking taking{message, store::report_rules(message)};
  for (const HistoryItem& item : *items) {
    if (auto taken = taking.take(item); !taken) return refuse(std::move(taken.error()));
  }
  if (items->empty()) {
    taking.notes.emplace_back(protocol::holds_nothing);
    taking.accepted.warning = true;
  }
  taking.accepted.note = protocol::joined_notes(taking.notes);
  return std::move(taking.accepted);
}

}  // namespace xgate::flows
