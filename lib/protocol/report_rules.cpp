// SPDX-License-Identifier: Apache-2.0
#include "protocol/report_rules.hpp"

#include <utility>

#include "protocol/thing_model_fit.hpp"

namespace xgate::protocol {
namespace {

using nlohmann::json;

constexpr std::size_t longest_identifier = 128;
constexpr std::size_t longest_notes = 2000;

/// What no model vouches for is stored under the name it came with, if that can be a name.
tl::expected<FittedValue, std::string> as_it_came(std::string_view identifier, const json& value,
                                                  std::vector<std::string> notes) {
  const bool control = std::ranges::any_of(
      identifier, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
  if (identifier.empty() || identifier.size() > longest_identifier || control) {
    return tl::unexpected(quoted_name(identifier) + " is no identifier: 1 to " +
                          std::to_string(longest_identifier) + " bytes without control characters");
  }
  return FittedValue{value, std::move(notes)};
}

/// `fitted` by the rules: refused, or kept as it came.
tl::expected<FittedValue, std::string> settle(const ReportRules& rules, std::string_view identifier,
                                              const json& value, Fitted<FittedValue> fitted) {
  if (fitted) return std::move(*fitted);
  if (!rules.keep) return tl::unexpected(std::move(fitted.error().reason));
  auto kept = as_it_came(identifier, value, {"kept as it came: " + fitted.error().reason});
  if (kept) kept->misfit = true;
  return kept;
}

}  // namespace

bool may_report(ProductKind kind, TopicName topic) noexcept {
  switch (topic) {
    case TopicName::property_report:
    case TopicName::event_report:
    case TopicName::history_report:
      return kind == ProductKind::json;
    case TopicName::hex_report:
    case TopicName::hex_full:
      return kind == ProductKind::hex;
    default:
      return true;
  }
}

tl::expected<FittedValue, std::string> take_property(const ReportRules& rules,
                                                     std::string_view identifier,
                                                     const json& value) {
  if (rules.model == nullptr) return as_it_came(identifier, value, {});
  return settle(rules, identifier, value, rules.model->fit_property(identifier, value));
}

tl::expected<TakenEvent, std::string> take_event(const ReportRules& rules,
                                                 std::string_view identifier, const json& params) {
  auto taken = rules.model == nullptr
                   ? as_it_came(identifier, params, {})
                   : settle(rules, identifier, params, rules.model->fit_event(identifier, params));
  if (!taken) return tl::unexpected(std::move(taken.error()));
  const auto type = rules.model == nullptr ? std::nullopt : rules.model->event_type(identifier);
  return TakenEvent{std::move(*taken), std::string(type.value_or(""))};
}

std::string joined_notes(std::span<const std::string> notes) {
  std::string text;
  for (const std::string& note : notes) {
    if (text.size() + note.size() > longest_notes) return text + (text.empty() ? "…" : "; …");
    text += (text.empty() ? "" : "; ") + note;
  }
  return text;
}

}  // namespace xgate::protocol
