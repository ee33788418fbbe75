// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <iosfwd>
#include <string>
#include <string_view>
#include <type_traits>

#include "printable/line.hpp"

namespace xgate::cli {

/// Where commands write: standard output or error. Strings are escaped on the way (printable::Line)
/// on a terminal and in a pipe alike, whose end is a terminal more often than not; only what stands
/// in the source may end a line or set a colour.
class Output {
 public:
  Output(std::ostream& stream) noexcept : stream_(&stream) {}

  const Output& operator<<(printable::Literal literal) const;
  template <class Text>
  requires(!std::is_array_v<std::remove_reference_t<Text>> &&
           std::convertible_to<Text, printable::Line>) const Output&
  operator<<(Text&& text) const {
    write(printable::Line(std::forward<Text>(text)));
    return *this;
  }
  template <std::integral Number>
  requires(!std::same_as<Number, char> && !std::same_as<Number, bool>) const Output& operator<<(
      Number number) const {
    write(std::to_string(number));
    return *this;
  }

  void json(std::string_view text) const;      ///< JSON, as printable::json has it
  void document(std::string_view text) const;  ///< of many lines
  /// Byte for byte: what somebody asked for to keep it in a file, never for a terminal.
  void bytes(std::string_view content) const;

  bool flush() const;  ///< whether all could be written so far
  bool good() const;

 private:
  void write(const printable::Line& line) const;

  std::ostream* stream_;
};

}  // namespace xgate::cli
