// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

// What may reach a terminal or a log. The sinks take these types and no other, so that nobody can
// forget to escape what came from outside. Pure; thread-safe.
namespace xgate::printable {

/// Text within a line that a terminal shows and never obeys. Whatever it is made of is escaped on
/// the way in: what is no printable character (is_printable) as JSON would write it, \u001b, and a
/// byte that is no UTF-8 as \xNN. What is printable stays as it is, so that a Line made of a Line's
/// text is the same.
class Line {
 public:
  Line() = default;
  // Implicit: there is no text that this could be wrong for.
  Line(std::string_view bytes);
  Line(const std::string& bytes) : Line(std::string_view(bytes)) {}
  Line(const char* bytes) : Line(std::string_view(bytes)) {}

  const std::string& text() const noexcept { return text_; }
  bool empty() const noexcept { return text_.empty(); }

  Line& operator+=(const Line& more) {
    text_ += more.text_;
    return *this;
  }
  friend Line operator+(Line first, const Line& second) { return std::move(first += second); }
  friend bool operator==(const Line&, const Line&) = default;

 private:
  std::string text_;
};

/// A value from outside as a field of a line: in quotes, with \" and \\ for what would end or forge
/// it. Where it is longer than `most` bytes its beginning, and … behind the quotes.
Line quoted(std::string_view value, std::size_t most = std::string_view::npos);

/// What is written as it is, because it stands in the source: line ends, colours.
class Literal {
 public:
  template <std::size_t N>
  // NOLINTNEXTLINE(google-explicit-constructor): only what the compiler knows can come in
  consteval Literal(const char (&text)[N]) : text_(text, N - 1) {}
  // NOLINTNEXTLINE(google-explicit-constructor)
  consteval Literal(std::same_as<char> auto character) : character_(character) {}
  std::string_view text() const& noexcept {
    return text_.data() == nullptr ? std::string_view(&character_, 1) : text_;
  }

 private:
  std::string_view text_;
  char character_ = 0;
};

/// A character as JSON escapes it: \u001b; above U+FFFF in two halves.
std::string escape(char32_t code);

/// JSON's text with what is no printable character as \uNNNN: the same JSON. Line ends stay, which
/// stand between its tokens. Bytes that are no UTF-8 become U+FFFD, as no JSON can hold them.
std::string json(std::string_view text);

/// A text of many lines: each as Line has it. Tabs and line ends stay, those of CSV (CR LF) too.
std::string document(std::string_view text);

}  // namespace xgate::printable
