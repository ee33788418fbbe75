// SPDX-License-Identifier: Apache-2.0
#include "protocol/thing_model.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "protocol/explain_names.hpp"
#include "protocol/thing_model_fit.hpp"
#include "protocol/thing_model_types.hpp"

namespace xgate::protocol {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 9> data_kind_names{"int",  "float", "double", "bool", "enum",
                                                          "text", "date",  "struct", "array"};

tl::unexpected<ModelRefusal> refuse(std::string_view identifier, std::string reason) {
  return tl::unexpected(ModelRefusal{std::string(identifier), std::move(reason)});
}

template <class Known>
tl::unexpected<ModelRefusal> unknown(std::string_view what, std::string_view identifier,
                                     const Known& known) {
  auto reason = "the model has no " + std::string(what) + ' ' + quoted_name(identifier);
  for (const auto& one : known) {
    if (!same_but_for_case(one.identifier, identifier)) continue;
    reason += ": it is written " + quoted_name(one.identifier);
    break;
  }
  return refuse(identifier, std::move(reason));
}

Fitted<FittedValue> result(Fitter& fitter, std::string_view identifier,
                           std::optional<json> fitted) {
  if (!fitted) return refuse(identifier, fitter.take_reason());
  return FittedValue{std::move(*fitted), fitter.take_notes()};
}

Fitted<FittedValue> fit_one(const Parameter& property, const json& value) {
  Fitter fitter;
  return result(fitter, property.identifier, fitter.fit(property.type, value, property.identifier));
}

Fitted<FittedValue> fit_all(const std::string& identifier, const std::vector<Parameter>& parameters,
                            const json& values) {
  static const json none = json::object();
  Fitter fitter;
  return result(fitter, identifier,
                fitter.fit_members(parameters, values.is_null() ? none : values, identifier));
}

}  // namespace

std::string_view to_string(DataKind kind) noexcept {
  return data_kind_names[static_cast<std::size_t>(kind)];
}

std::optional<double> number_of(std::string_view text) noexcept {
  double number = 0;
  const auto* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  if (read.ec != std::errc() || read.ptr != end || !std::isfinite(number)) return std::nullopt;
  return number;
}

Fitted<FittedValue> ThingModel::fit_property(std::string_view identifier, const json& value) const {
  const Parameter* property = find_identifier(impl_->properties, identifier);
  if (property == nullptr) return unknown("property", identifier, impl_->properties);
  return fit_one(*property, value);
}

Fitted<FittedValue> ThingModel::fit_event(std::string_view identifier, const json& params) const {
  const Event* event = find_identifier(impl_->events, identifier);
  if (event == nullptr) return unknown("event", identifier, impl_->events);
  return fit_all(event->identifier, event->output, params);
}

std::optional<std::string_view> ThingModel::event_type(std::string_view identifier) const {
  const Event* event = find_identifier(impl_->events, identifier);
  if (event == nullptr) return std::nullopt;
  return event->type;
}

Fitted<FittedValue> ThingModel::fit_set(std::string_view identifier, const json& value) const {
  const Parameter* property = find_identifier(impl_->properties, identifier);
  if (property == nullptr) return unknown("property", identifier, impl_->properties);
  if (!property->writable) {
    return refuse(identifier,
                  property->identifier + ": the property cannot be set, it is read-only");
  }
  return fit_one(*property, value);
}

Fitted<void> ThingModel::may_ask(std::string_view identifier) const {
  const Parameter* property = find_identifier(impl_->properties, identifier);
  if (property == nullptr) return unknown("property", identifier, impl_->properties);
  if (!property->readable) {
    return refuse(identifier,
                  property->identifier + ": the property cannot be asked for, it is write-only");
  }
  return {};
}

Fitted<FittedValue> ThingModel::fit_call(std::string_view service, const json& params) const {
  const Service* found = find_identifier(impl_->services, service);
  if (found == nullptr) return unknown("service", service, impl_->services);
  return fit_all(found->identifier, found->input, params);
}

Fitted<FittedValue> ThingModel::fit_result(std::string_view service, const json& data) const {
  const Service* found = find_identifier(impl_->services, service);
  if (found == nullptr) return unknown("service", service, impl_->services);
  return fit_all(found->identifier, found->output, data);
}

std::optional<ThingModel::Label> ThingModel::property_label(std::string_view identifier) const {
  const Parameter* property = find_identifier(impl_->properties, identifier);
  if (property == nullptr) return std::nullopt;
  return Label{property->name, property->type.unit};
}

}  // namespace xgate::protocol
