// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace xgate::pg {

/// Builds a PostgreSQL array literal for UNNEST: one statement a table, however many rows.
class ArrayBuilder {
 public:
  void add(std::string_view text);  ///< quoted and escaped; must be valid UTF-8 without NUL
  void add(const std::string& text) { add(std::string_view(text)); }
  void add(const char* text) { add(std::string_view(text)); }
  void add(std::int64_t number);
  void add(int number) { add(std::int64_t{number}); }
  void add(bool value);
  void add_bytea(std::string_view bytes);
  void add_null();
  template <class T>
  void add(const std::optional<T>& value) {
    value ? add(*value) : add_null();
  }
  std::size_t size() const noexcept { return size_; }
  std::string take();  ///< "{…}"; the builder is empty again

 private:
  void separate();
  std::string text_ = "{";
  std::size_t size_ = 0;
};

}  // namespace xgate::pg
