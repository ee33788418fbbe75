// SPDX-License-Identifier: Apache-2.0
#include "protocol/explain_json.hpp"

#include <algorithm>
#include <array>
#include <iterator>

namespace xgate::protocol {
namespace {

constexpr std::string_view json_blanks = " \t\r\n";

bool is_word(char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
         c == '.' || c == '+' || c == '-';
}

std::string_view word_at(std::string_view text, std::size_t at) noexcept {
  std::size_t begin = at;
  while (begin > 0 && is_word(text[begin - 1])) --begin;
  std::size_t end = at;
  while (end < text.size() && is_word(text[end])) ++end;
  return text.substr(begin, end - begin);
}

std::string folded(std::string_view name) {
  std::string text;
  for (const char c : name) {
    if (c == '_' || c == '-' || c == ' ') continue;
    text += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return text;
}

std::string_view explain_word(std::string_view word, char before, char behind) noexcept {
  constexpr std::array not_numbers{"NaN", "nan",  "NAN", "-NaN", "-nan", "Infinity", "-Infinity",
                                   "inf", "-inf", "Inf", "-Inf", "INF",  "-INF"};
  constexpr std::array pythons{"True", "False", "None", "TRUE", "FALSE", "NULL", "Null"};
  if (word.empty()) return {};
  const bool is_name = (before == '{' || before == ',') && behind == ':';
  if (is_name) return "a member's name stands between double quotation marks";
  if (std::ranges::find(not_numbers, word) != not_numbers.end()) {
    return "NaN and Infinity are not JSON: send null, or leave the member out";
  }
  if (std::ranges::find(pythons, word) != pythons.end()) {
    return "true, false and null are written in lower case, and Python's None is null";
  }
  if (word == "undefined") return "undefined is not JSON: send null, or leave the member out";
  if (word.starts_with("0x") || word.starts_with("0X")) return "JSON has no hex numbers";
  if (word.front() == '+') return "a number has no + in front";
  if (word.front() == '.' || word.back() == '.')
    return "a number has digits on both sides of its .";
  if (word.find_first_not_of("0123456789") == std::string_view::npos && word.front() == '0') {
    return "a number has no zeros in front";
  }
  return {};
}

}  // namespace

std::string_view explain_json(std::string_view text, std::size_t position) noexcept {
  if (position == 0) return {};
  const auto at = position - 1;
  const auto last = text.find_last_not_of(json_blanks);
  if (last == std::string_view::npos) return "it is empty";
  if (at > last) return "it ends too early: is it cut off?";
  const char here = text[at];
  const auto ahead = text.substr(0, at).find_last_not_of(json_blanks);
  const char before = ahead == std::string_view::npos ? '\0' : text[ahead];
  if (here == '\'')
    return "strings and names stand between double quotation marks, not single ones";
  if ((here == '}' || here == ']') && before == ',') {
    return "a comma stands before the closing bracket, leave it out";
  }
  if (here == '/' || here == '#') return "JSON has no comments";
  if (here == '%') return "a % stands where a value belongs: was a format not filled in?";
  if (static_cast<unsigned char>(here) >= 0x80 ||
      (at > 0 && static_cast<unsigned char>(text[at - 1]) >= 0x80)) {
    return "it is not UTF-8, as text in GBK is not: send UTF-8";
  }
  if (here == '"' && (before == '"' || before == '}' || before == ']' || is_word(before))) {
    return "a comma or colon is missing before this place";
  }
  if (!is_word(here)) return {};
  const auto word = word_at(text, at);
  const auto begin = static_cast<std::size_t>(std::distance(text.data(), word.data()));
  const auto front = text.substr(0, begin).find_last_not_of(json_blanks);
  const auto rest = text.find_first_not_of(json_blanks, begin + word.size());
  return explain_word(word, front == std::string_view::npos ? '\0' : text[front],
                      rest == std::string_view::npos ? '\0' : text[rest]);
}

std::string missing_member(const nlohmann::json& object, std::string_view name) {
  std::string text(name);
  text += " is missing";
  if (!object.is_object()) return text;
  const auto wanted = folded(name);
  for (const auto& [other, value] : object.items()) {
    if (other != name && other.size() <= 2 * name.size() && folded(other) == wanted) {
      return text.append(": \"").append(other).append(
          "\" is there, and a name counts letter by letter");
    }
  }
  return text;
}

}  // namespace xgate::protocol
