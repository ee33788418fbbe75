// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>
#include <tl/expected.hpp>

#include "protocol/json.hpp"

namespace xgate::protocol {

/// A model's document as text.
inline constexpr JsonLimits model_limits{.max_bytes = std::size_t{1} << 20U, .max_depth = 32};

/// What is wrong with a model's document, and where.
struct ModelProblem {
  std::string pointer;  ///< JSON pointer: "/properties/3/dataType/specs/max"
  std::string detail;   ///< one sentence
};

/// Why a value does not fit a model. The reason names the identifier: it becomes an ack's Msg.
struct ModelRefusal {
  std::string identifier;
  std::string reason;
};

/// A value as it is stored, after coercion, and what was coerced ("temp: the text \"100\" was
/// read as 100"), one sentence each.
struct FittedValue {
  nlohmann::json value;
  std::vector<std::string> notes;
  bool misfit = false;  ///< it does not fit, and was kept as it came
};
template <class T>
using Fitted = tl::expected<T, ModelRefusal>;

/// A product's thing model: the TSL JSON of Alibaba Cloud, compiled once a version, then only read:
/// thread-safe. A bool's value is 0 or 1 and an enum's its number, as TSL has them; texts are
/// measured in bytes of UTF-8; `step` is for people and not checked.
class ThingModel {
 public:
  struct Impl;

  /// Every problem at once, up to 50.
  static tl::expected<ThingModel, std::vector<ModelProblem>> compile(
      const nlohmann::json& document);

  /// PROP-1: one reported property.
  Fitted<FittedValue> fit_property(std::string_view identifier, const nlohmann::json& value) const;
  /// EVENT-1: an event's output parameters (an object).
  Fitted<FittedValue> fit_event(std::string_view identifier, const nlohmann::json& params) const;
  /// "info", "alert" or "error"; nothing: no such event.
  std::optional<std::string_view> event_type(std::string_view identifier) const;

  /// PROP-2: a value that an application sets; the property must be writable.
  Fitted<FittedValue> fit_set(std::string_view identifier, const nlohmann::json& value) const;
  /// PROP-3: a property that may be asked for.
  Fitted<void> may_ask(std::string_view identifier) const;
  /// SVC-1: a service's input parameters, and what its answer's Data has to be. Null is none.
  Fitted<FittedValue> fit_call(std::string_view service, const nlohmann::json& params) const;
  Fitted<FittedValue> fit_result(std::string_view service, const nlohmann::json& data) const;

  /// Name and unit of a property for people; empty where the model has none.
  struct Label {
    std::string_view name;
    std::string_view unit;
  };
  std::optional<Label> property_label(std::string_view identifier) const;

  /// What in `next` a device that follows this model would be refused for, or miss: told to who
  /// changes the model, never forbidden.
  std::vector<ModelProblem> breaks(const ThingModel& next) const;

 private:
  explicit ThingModel(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<const Impl> impl_;
};

}  // namespace xgate::protocol
