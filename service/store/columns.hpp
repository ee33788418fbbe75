// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "pg/array.hpp"

// Values on their way into UNNEST arrays.
namespace xgate::store {

/// Text that PostgreSQL takes: NUL and what is not UTF-8 become U+FFFD. A device chooses its client
/// id and topics; what it chooses must not fail a batch.
std::string storable(std::string_view text);
/// Whether storable() would leave it as it is, as nearly always: nothing is copied then.
bool is_storable(std::string_view text) noexcept;

inline void add_text(pg::ArrayBuilder& column, std::string_view text) {
  if (is_storable(text)) {
    column.add(text);
  } else {
    column.add(std::string_view(storable(text)));
  }
}
inline void add_text(pg::ArrayBuilder& column, const std::optional<std::string>& text) {
  if (text) {
    add_text(column, std::string_view(*text));
  } else {
    column.add_null();
  }
}
template <class Number>
void add_number(pg::ArrayBuilder& column, const std::optional<Number>& number) {
  if (number) {
    column.add(static_cast<std::int64_t>(*number));
  } else {
    column.add_null();
  }
}

/// A bigint[] of them.
std::string id_array(std::span<const std::int64_t> ids);

}  // namespace xgate::store
