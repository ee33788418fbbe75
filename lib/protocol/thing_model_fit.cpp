// SPDX-License-Identifier: Apache-2.0
#include "protocol/thing_model_fit.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <utility>

#include "protocol/json.hpp"
#include "protocol/whole_characters.hpp"

namespace xgate::protocol {
namespace {

using nlohmann::json;

constexpr std::size_t most_notes = 10;
constexpr std::size_t longest_quote = 40;
constexpr std::size_t longest_name = 64;

/// The number that a value is or, as a text, says. Whole ones up to 2^53 are exact in a double, and
/// no type takes greater ones.
std::optional<double> number_in(const json& value) {
  if (value.is_number()) return value.get<double>();
  if (value.is_string()) return number_of(value.get_ref<const std::string&>());
  return std::nullopt;
}

}  // namespace

bool is_decimal(std::string_view text) noexcept {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return !text.empty() && text.size() <= 18 && std::ranges::all_of(text, digit);
}

std::string shown_number(double number) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), number).ptr;
  return {text.data(), end};
}

std::string quoted(const json& value) {
  if (value.is_object()) return "an object";
  if (value.is_array()) return "an array";
  if (!value.is_string()) return compact(value);
  const auto& text = value.get_ref<const std::string&>();
  const auto part = whole_characters(text, longest_quote);
  return "the text " + compact(json(part)) + (part.size() < text.size() ? "…" : "");
}

std::string quoted_name(std::string_view name) {
  const auto part = whole_characters(name, longest_name);
  return compact(json(part)) + (part.size() < name.size() ? "…" : "");
}

Fitter::Fit Fitter::refuse(const std::string& path, const std::string& why) {
  reason_ = path + ": " + why;
  return std::nullopt;
}

Fitter::Fit Fitter::coerced(const json& from, json to, const std::string& path) {
  if (notes_.size() < most_notes) {
    notes_.push_back(path + ": " + quoted(from) + " was read as " + quoted(to));
  } else if (notes_.size() == most_notes) {
    notes_.emplace_back("and more of the kind");
  }
  return to;
}

Fitter::Fit Fitter::fit(const DataType& type, const json& value, const std::string& path) {
  switch (type.kind) {
    case DataKind::whole:
      return fit_whole(type, value, path);
    case DataKind::single:
    case DataKind::dual:
      return fit_number(type, value, path);
    case DataKind::boolean:
    case DataKind::enumeration:
      return fit_label(type, value, path);
    case DataKind::text:
      return fit_text(type, value, path);
    case DataKind::date:
      return fit_date(value, path);
    case DataKind::structure:
      return fit_members(type.members, value, path);
    case DataKind::array:
      return fit_array(type, value, path);
  }
  return std::nullopt;
}

Fitter::Fit Fitter::fit_whole(const DataType& type, const json& value, const std::string& path) {
  const auto number = number_in(value);
  if (!number || *number != std::floor(*number)) {
    return refuse(path, quoted(value) + " is no whole number (int)");
  }
  if (*number < type.min || *number > type.max) {
    return refuse(path, quoted(value) + " is out of range, " + shown_number(type.min) + " to " +
                            shown_number(type.max));
  }
  json fitted(static_cast<std::int64_t>(*number));
  if (value.is_number_integer()) return fitted;
  return coerced(value, std::move(fitted), path);
}

Fitter::Fit Fitter::fit_number(const DataType& type, const json& value, const std::string& path) {
  const auto number = number_in(value);
  if (!number || !std::isfinite(*number)) {
    return refuse(path,
                  quoted(value) + " is no number (" + std::string(to_string(type.kind)) + ")");
  }
  const double held = as_held(type.kind, *number);
  if (held < as_held(type.kind, type.min) || held > as_held(type.kind, type.max)) {
    return refuse(path, quoted(value) + " is out of range, " + shown_number(type.min) + " to " +
                            shown_number(type.max));
  }
  if (value.is_number()) return value;
  return coerced(value, json(*number), path);
}

Fitter::Fit Fitter::fit_label(const DataType& type, const json& value, const std::string& path) {
  const bool boolean = type.kind == DataKind::boolean;
  if (boolean && value.is_boolean()) return coerced(value, json(value.get<bool>() ? 1 : 0), path);
  const auto number = number_in(value);
  for (const auto& label : type.labels) {
    if (number && static_cast<double>(label.number) == *number) {
      json fitted(label.number);
      return value.is_number_integer() ? fitted : coerced(value, std::move(fitted), path);
    }
  }
  if (boolean && number && (*number == 0 || *number == 1)) {
    json fitted(static_cast<int>(*number));
    return value.is_number_integer() ? fitted : coerced(value, std::move(fitted), path);
  }
  if (value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    for (const auto& label : type.labels) {
      if (label.text == text) return coerced(value, json(label.number), path);
    }
    if (boolean && (text == "true" || text == "false")) {
      return coerced(value, json(text == "true" ? 1 : 0), path);
    }
  }
  return refuse(
      path, quoted(value) + (boolean ? " is neither 0 nor 1 (bool)" : " is no value of the enum"));
}

Fitter::Fit Fitter::fit_text(const DataType& type, const json& value, const std::string& path) {
  if (!value.is_string()) return refuse(path, quoted(value) + " is no text");
  const auto size = value.get_ref<const std::string&>().size();
  if (size > type.most) {
    return refuse(path, "the text has " + std::to_string(size) + " bytes, at most " +
                            std::to_string(type.most) + " are allowed");
  }
  return value;
}

Fitter::Fit Fitter::fit_date(const json& value, const std::string& path) {
  if (value.is_string() && is_decimal(value.get_ref<const std::string&>())) return value;
  if (const auto number = whole_number(value)) {
    const std::string digits = std::to_string(*number);
    if (is_decimal(digits)) return coerced(value, json(digits), path);
  }
  return refuse(path, quoted(value) + " is no time in milliseconds since 1970 (date)");
}

Fitter::Fit Fitter::fit_array(const DataType& type, const json& value, const std::string& path) {
  if (!value.is_array()) return refuse(path, quoted(value) + " is no array");
  if (value.size() > type.most) {
    return refuse(path, "the array has " + std::to_string(value.size()) + " items, at most " +
                            std::to_string(type.most) + " are allowed");
  }
  json fitted = json::array();
  fitted.get_ref<json::array_t&>().reserve(value.size());
  for (std::size_t i = 0; i < value.size(); ++i) {
    auto item = fit(*type.item, value[i], path + '[' + std::to_string(i) + ']');
    if (!item) return std::nullopt;
    fitted.push_back(std::move(*item));
  }
  return fitted;
}

Fitter::Fit Fitter::fit_members(const std::vector<Parameter>& parameters, const json& object,
                                const std::string& path) {
  if (!object.is_object()) return refuse(path, quoted(object) + " is no object");
  json fitted = json::object();
  for (const auto& [name, value] : object.items()) {
    const Parameter* parameter = find_identifier(parameters, name);
    if (parameter == nullptr) return refuse(path, "the model knows no " + quoted_name(name));
    auto member = fit(parameter->type, value, std::string(path).append(".").append(name));
    if (!member) return std::nullopt;
    fitted[name] = std::move(*member);
  }
  return fitted;
}

}  // namespace xgate::protocol
