// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/api.hpp"
#include "cli/command.hpp"
#include "cli/json.hpp"
#include "cli/local_time.hpp"
#include "cli/table.hpp"

// How the API's objects look to people.
namespace xgate::cli {

/// A member as text: a string as it is, nothing for null or a missing one, else compact JSON.
std::string member_text(const Json& object, std::string_view name);
bool member_is_true(const Json& object, std::string_view name);

/// "on" or "off", as an option turns it.
std::string switch_text(const Json& object, std::string_view name);

/// A member that is a time, for a column whose heading has the zone; in a block with its own.
Cell time_cell(const Json& object, std::string_view name);

/// An object's members in the order of `names`, then any others.
std::vector<Field> fields_of(const Json& object, const std::vector<std::string>& names);

/// Prints the object: --json as it is, else its fields.
void print_object(const Context& context, const Json& object,
                  const std::vector<std::string>& names);

/// In place of a secret that was not asked for.
std::string hidden_text(texts::Language language);

struct Listing {
  std::string target;
  Query query;
  std::optional<std::int64_t> limit;
  std::vector<Column> columns;
  std::function<std::vector<Cell>(const Json&)> row;
  std::string when_empty;  ///< told to a person who sees an empty list
  WhenNarrow when_narrow = WhenNarrow::fold;
};
/// Prints a list: a table, or with --json an array.
Outcome print_listing(const Context& context, const Listing& listing);

Style style_of_state(std::string_view state) noexcept;

}  // namespace xgate::cli
