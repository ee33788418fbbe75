// SPDX-License-Identifier: Apache-2.0
#include "protocol/plain_json.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <utility>

namespace xgate::protocol {
namespace {

using nlohmann::json;

constexpr int deepest = 64;  ///< of our own recursion, whatever a caller allows

/// ASCII that stands in a JSON string as it is.
constexpr bool is_plain(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x20 && byte < 0x80 && c != '"' && c != '\\';
}

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// Every function is true where it has read what it is named for, and leaves `at_` behind it.
class PlainReader {
 public:
  PlainReader(std::string_view text, int max_depth)
      : at_(text.data()),
        end_(text.data() + text.size()),
        depth_left_(std::min(max_depth, deepest)) {}

  bool document(json& into) {
    if (!value(into)) return false;
    skip_space();
    return at_ == end_;
  }

 private:
  void skip_space() noexcept {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
  }
  bool next_is(char c) noexcept {
    skip_space();
    if (at_ == end_ || *at_ != c) return false;
    ++at_;
    return true;
  }
  bool word(std::string_view expected) noexcept {
    if (!std::string_view(at_, end_).starts_with(expected)) return false;
    at_ += expected.size();
    return true;
  }

  bool value(json& into) {
    skip_space();
    if (at_ == end_) return false;
    switch (*at_) {
      case '{':
        ++at_;
        return nested(into, json::object(), &PlainReader::members);
      case '[':
        ++at_;
        return nested(into, json::array(), &PlainReader::items);
      case '"': {
        ++at_;
        std::string text;
        if (!string(text)) return false;
        into = std::move(text);
        return true;
      }
      case 't':
        into = true;
        return word("true");
      case 'f':
        into = false;
        return word("false");
      case 'n':
        return word("null");  // as it is already
      default:
        return number(into);
    }
  }

  bool nested(json& into, json&& empty, bool (PlainReader::*read)(json&)) {
    if (depth_left_ == 0) return false;
    --depth_left_;
    into = std::move(empty);
    const bool good = (this->*read)(into);
    ++depth_left_;
    return good;
  }

  bool members(json& into) {
    auto& object = into.get_ref<json::object_t&>();
    if (next_is('}')) return true;
    do {
      std::string name;
      if (!next_is('"') || !string(name) || !next_is(':')) return false;
      const auto [member, is_new] = object.try_emplace(std::move(name));
      if (!is_new || !value(member->second)) return false;
    } while (next_is(','));
    return next_is('}');
  }

  bool items(json& into) {
    auto& array = into.get_ref<json::array_t&>();
    if (next_is(']')) return true;
    do {
      if (!value(array.emplace_back())) return false;
    } while (next_is(','));
    return next_is(']');
  }

  bool string(std::string& into) {
    while (true) {
      const char* plain = std::find_if_not(at_, end_, is_plain);
      into.append(at_, plain);
      at_ = plain;
      if (at_ == end_) return false;
      if (*at_++ == '"') return true;
      if (at_[-1] != '\\' || !escaped(into)) return false;
    }
  }

  bool escaped(std::string& into) {
    constexpr std::string_view names = R"("\/bfnrt)";
    constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
    if (at_ == end_) return false;
    const std::size_t which = names.find(*at_++);
    if (which == std::string_view::npos) return false;
    into += meanings[which];
    return true;
  }

  bool digits() noexcept {
    const char* begin = at_;
    at_ = std::find_if_not(at_, end_, is_digit);
    return at_ != begin;
  }

  bool number(json& into) {
    const char* begin = at_;
    const bool negative = *at_ == '-';
    if (negative) ++at_;
    const bool zero = at_ != end_ && *at_ == '0';
    if (zero ? (++at_, false) : !digits()) return false;
    bool whole = true;
    if (at_ != end_ && *at_ == '.') {
      ++at_;
      whole = false;
      if (!digits()) return false;
    }
    if (at_ != end_ && (*at_ == 'e' || *at_ == 'E')) {
      ++at_;
      whole = false;
      if (at_ != end_ && (*at_ == '+' || *at_ == '-')) ++at_;
      if (!digits()) return false;
    }
    if (!whole) return convert<double>(begin, into);
    return negative ? convert<std::int64_t>(begin, into) : convert<std::uint64_t>(begin, into);
  }

  template <class Number>
  bool convert(const char* begin, json& into) const {
    Number number{};
    if (std::from_chars(begin, at_, number).ec != std::errc{}) return false;  // out of range
    into = number;
    return true;
  }

  const char* at_;
  const char* end_;
  int depth_left_;
};

template <class Number>
void append_number(std::string& out, Number number) {
  std::array<char, 24> digits{};
  const auto done = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  out.append(digits.data(), done.ptr);
}

/// What has to be escaped, checked or rounded is left to the library.
void append_by_library(std::string& out, const json& value) {
  out += value.dump(-1, ' ', false, json::error_handler_t::replace);
}

void append_string(std::string& out, const std::string& text) {
  if (!std::ranges::all_of(text, is_plain)) return append_by_library(out, text);
  out += '"';
  out += text;
  out += '"';
}

void append(std::string& out, const json& value, int depth) {
  switch (value.type()) {
    case json::value_t::object: {
      if (depth == deepest) return append_by_library(out, value);
      out += '{';
      for (const auto& [name, member] : value.get_ref<const json::object_t&>()) {
        if (out.back() != '{') out += ',';
        append_string(out, name);
        out += ':';
        append(out, member, depth + 1);
      }
      out += '}';
      return;
    }
    case json::value_t::array: {
      if (depth == deepest) return append_by_library(out, value);
      out += '[';
      bool first = true;
      for (const json& item : value.get_ref<const json::array_t&>()) {
        if (!std::exchange(first, false)) out += ',';
        append(out, item, depth + 1);
      }
      out += ']';
      return;
    }
    case json::value_t::string:
      return append_string(out, value.get_ref<const std::string&>());
    case json::value_t::number_integer:
      return append_number(out, value.get<std::int64_t>());
    case json::value_t::number_unsigned:
      return append_number(out, value.get<std::uint64_t>());
    default:
      return append_by_library(out, value);
  }
}

}  // namespace

std::optional<json> read_plain_json(std::string_view text, const JsonLimits& limits) {
  json value;
  if (!PlainReader(text, limits.max_depth).document(value)) return std::nullopt;
  return value;
}

void append_compact(std::string& out, const json& value) { append(out, value, 0); }

}  // namespace xgate::protocol
