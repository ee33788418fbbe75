// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "protocol/thing_model_types.hpp"

namespace xgate::protocol {

/// Checks values by their types and makes of each what is stored.
class Fitter {
 public:
  /// What it makes of `value`; nothing where it does not fit: reason() then says why, in a sentence
  /// that `path` heads ("geo.lat: …").
  std::optional<nlohmann::json> fit(const DataType& type, const nlohmann::json& value,
                                    const std::string& path);
  /// The same of an object whose members are `parameters`, any of which may be missing.
  std::optional<nlohmann::json> fit_members(const std::vector<Parameter>& parameters,
                                            const nlohmann::json& object, const std::string& path);

  std::string take_reason() noexcept { return std::move(reason_); }
  std::vector<std::string> take_notes() noexcept { return std::move(notes_); }

 private:
  using Fit = std::optional<nlohmann::json>;
  Fit refuse(const std::string& path, const std::string& why);
  Fit coerced(const nlohmann::json& from, nlohmann::json to, const std::string& path);
  Fit fit_whole(const DataType& type, const nlohmann::json& value, const std::string& path);
  Fit fit_number(const DataType& type, const nlohmann::json& value, const std::string& path);
  Fit fit_label(const DataType& type, const nlohmann::json& value, const std::string& path);
  Fit fit_text(const DataType& type, const nlohmann::json& value, const std::string& path);
  Fit fit_date(const nlohmann::json& value, const std::string& path);
  Fit fit_array(const DataType& type, const nlohmann::json& value, const std::string& path);

  std::string reason_;
  std::vector<std::string> notes_;
};

/// A value as a sentence quotes it: short, whatever it is.
std::string quoted(const nlohmann::json& value);
/// A name that a device or an application chose, in quotes and no longer than names are.
std::string quoted_name(std::string_view name);
/// A text of 1 to 18 digits, as TSL writes a date.
bool is_decimal(std::string_view text) noexcept;
/// A number without needless digits.
std::string shown_number(double number);

}  // namespace xgate::protocol
