// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/thing_model.hpp"

// A compiled model, between the files that make it, check values by it, and compare two of them.
namespace xgate::protocol {

enum class DataKind : std::uint8_t {
  whole,  ///< "int"
  single,
  dual,  ///< "double"
  boolean,
  enumeration,
  text,
  date,
  structure,
  array
};
std::string_view to_string(DataKind kind) noexcept;  ///< as TSL says it: "int", "struct"

struct Parameter;

struct DataType {
  /// What a bool's or an enum's number means: {"0": "off"}.
  struct Label {
    std::int64_t number = 0;
    std::string text;
  };
  DataKind kind = DataKind::whole;
  double min = 0;  ///< of numbers, both always set; of an int they are whole
  double max = 0;
  std::string unit;
  std::size_t most = 0;                  ///< bytes of a text, items of an array
  std::vector<Label> labels;             ///< by number
  std::vector<Parameter> members;        ///< of a struct, by identifier
  std::shared_ptr<const DataType> item;  ///< of an array
};

struct Parameter {
  std::string identifier;
  std::string name;
  std::string pointer;  ///< into the document
  DataType type;
  bool readable = true;  ///< of a property
  bool writable = false;
};

struct Event {
  std::string identifier;
  std::string pointer;
  std::string type;
  std::vector<Parameter> output;
};

struct Service {
  std::string identifier;
  std::string pointer;
  std::vector<Parameter> input;
  std::vector<Parameter> output;
};

struct ThingModel::Impl {
  std::vector<Parameter> properties;  ///< each by identifier
  std::vector<Event> events;
  std::vector<Service> services;
};

/// The entry of that identifier in a list that is sorted by it; null: none.
template <class Entry>
const Entry* find_identifier(const std::vector<Entry>& entries, std::string_view identifier) {
  const auto found = std::lower_bound(
      entries.begin(), entries.end(), identifier,
      [](const Entry& entry, std::string_view wanted) { return entry.identifier < wanted; });
  return found != entries.end() && found->identifier == identifier ? &*found : nullptr;
}

/// A number as a type holds it: of the reals between two neighbours a "float" has but one, so that
/// 99.9 and the 99.9000015258789 that a device prints of it are the same.
constexpr double as_held(DataKind kind, double number) noexcept {
  return kind == DataKind::single ? static_cast<double>(static_cast<float>(number)) : number;
}

/// A whole text as a finite number, in decimal; nothing otherwise.
std::optional<double> number_of(std::string_view text) noexcept;

}  // namespace xgate::protocol
