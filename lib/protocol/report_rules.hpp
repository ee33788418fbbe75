// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>
#include <tl/expected.hpp>

#include "protocol/identity.hpp"
#include "protocol/thing_model.hpp"
#include "protocol/topic.hpp"

namespace xgate::protocol {

/// ID-6: whether devices of such a product may report on this topic. Only reports by a thing model
/// are bound to a kind; answers to commands follow the command.
bool may_report(ProductKind kind, TopicName topic) noexcept;

/// How a product takes what its devices report by its thing model, as JSON or out of a script.
struct ReportRules {
  const ThingModel* model = nullptr;  ///< null: it has none yet, everything is taken as it comes
  bool keep = false;                  ///< what does not fit is taken as it comes, and noted
};

/// PROP-1: what is stored of a value, with notes; or why it is refused, naming the identifier.
tl::expected<FittedValue, std::string> take_property(const ReportRules& rules,
                                                     std::string_view identifier,
                                                     const nlohmann::json& value);

/// EVENT-1: the same of an event.
struct TakenEvent {
  FittedValue params;
  std::string type;  ///< "info", "alert", "error"; empty: no model knows it
};
tl::expected<TakenEvent, std::string> take_event(const ReportRules& rules,
                                                 std::string_view identifier,
                                                 const nlohmann::json& params);

/// The note on a report that is well formed and empty.
inline constexpr std::string_view holds_nothing = "it holds no values: nothing was stored";

/// Several notes as the one text that is stored with a message, of a bounded length.
std::string joined_notes(std::span<const std::string> notes);

}  // namespace xgate::protocol
