// SPDX-License-Identifier: Apache-2.0
#include "pg/array.hpp"

#include <algorithm>
#include <utility>

#include "pg/bytea.hpp"

namespace xgate::pg {

void ArrayBuilder::separate() {
  if (size_++ > 0) text_ += ',';
}

void ArrayBuilder::add(std::string_view text) {
  separate();
  // Always quoted: an unquoted NULL, an empty string, a comma or a brace would mean something else.
  text_ += '"';
  while (true) {
    const std::size_t plain = std::min(text.find_first_of("\"\\"), text.size());
    text_.append(text.substr(0, plain));
    if (plain == text.size()) break;
    text_ += '\\';
    text_ += text[plain];
    text.remove_prefix(plain + 1);
  }
  text_ += '"';
}

void ArrayBuilder::add(std::int64_t number) {
  separate();
  text_ += std::to_string(number);
}

void ArrayBuilder::add(bool value) {
  separate();
  text_ += value ? 't' : 'f';
}

void ArrayBuilder::add_bytea(std::string_view bytes) {
  separate();
  text_ += "\"\\\\x";  // the array's own escape of the backslash in \x
  append_hex(text_, bytes);
  text_ += '"';
}

void ArrayBuilder::add_null() {
  separate();
  text_ += "NULL";
}

std::string ArrayBuilder::take() {
  text_ += '}';
  size_ = 0;
  return std::exchange(text_, "{");
}

}  // namespace xgate::pg
