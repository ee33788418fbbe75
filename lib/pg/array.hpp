// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace xgate::pg {

/// Builds a PostgreSQL array literal for UNNEST: one statement a table, however many rows.
class ArrayBuilder {
 public:
  void add(std::string_view text);  ///< quoted and escaped; must be valid UTF-8 without NUL
  void add(std::int64_t number);
  void add(bool value);
  void add_bytea(std::string_view bytes);
  void add_null();
  void add(const std::optional<std::string>& text);
  std::size_t size() const noexcept { return size_; }
  std::string take();  ///< "{…}"; the builder is empty again

 private:
  void separate();
  std::string text_ = "{";
  std::size_t size_ = 0;
};

}  // namespace xgate::pg
