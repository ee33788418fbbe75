// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <spdlog/spdlog.h>

// The service's log. What is logged is a sentence that stands in the source, with numbers and the
// two kinds of text below; other text does not compile. Thread-safe.
namespace xgate::observe {

/// Sets the log up: standard error, `format` "text" or "json" (one object a line: time, level,
/// message), `level` as spdlog names it. In either nothing comes out that a terminal obeys: text as
/// printable::Line has it, JSON with the same escapes, so that a program reads what was said.
void set_up_log(const std::string& format, const std::string& level);

/// Before the program ends.
void end_log();

/// A value from outside: a name, a topic, what a client said. In quotes, with \" and \\ for what
/// would end or forge it, so that it is one field whatever is in it.
class Quoted {
 public:
  explicit Quoted(std::string_view value);
  const std::string& text() const noexcept { return text_; }

 private:
  std::string text_;
};

/// Words of our own parts and settings, and of the libraries and the database when they fail. Their
/// line ends are blanks.
class Words {
 public:
  explicit Words(std::string_view words);
  const std::string& text() const noexcept { return text_; }

 private:
  std::string text_;
};

template <class T>
concept Loggable = (std::integral<T> && !std::same_as<T, char>) || std::same_as<T, Quoted> ||
                   std::same_as<T, Words>;

/// As the log takes it.
template <std::integral Number>
Number shown(Number number) noexcept {
  return number;
}
inline std::string_view shown(const Quoted& value) noexcept { return value.text(); }
inline std::string_view shown(const Words& words) noexcept { return words.text(); }
template <class T>
using Shown = decltype(shown(std::declval<const T&>()));
/// The sentence's type: as many {} as there are values, of their kinds.
template <class... Values>
using Sentence = spdlog::format_string_t<const Shown<Values>&...>;

template <class... Values>
void write(spdlog::level::level_enum level, spdlog::format_string_t<const Values&...> sentence,
           const Values&... values) {
  spdlog::log(level, sentence, values...);
}

template <Loggable... Values>
void debug(Sentence<std::type_identity_t<Values>...> sentence, const Values&... values) {
  write<Shown<Values>...>(spdlog::level::debug, sentence, shown(values)...);
}
template <Loggable... Values>
void info(Sentence<std::type_identity_t<Values>...> sentence, const Values&... values) {
  write<Shown<Values>...>(spdlog::level::info, sentence, shown(values)...);
}
template <Loggable... Values>
void warn(Sentence<std::type_identity_t<Values>...> sentence, const Values&... values) {
  write<Shown<Values>...>(spdlog::level::warn, sentence, shown(values)...);
}
template <Loggable... Values>
void error(Sentence<std::type_identity_t<Values>...> sentence, const Values&... values) {
  write<Shown<Values>...>(spdlog::level::err, sentence, shown(values)...);
}
template <Loggable... Values>
void critical(Sentence<std::type_identity_t<Values>...> sentence, const Values&... values) {
  write<Shown<Values>...>(spdlog::level::critical, sentence, shown(values)...);
}

}  // namespace xgate::observe
