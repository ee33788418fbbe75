// SPDX-License-Identifier: Apache-2.0
#include "cli/simulate/pattern.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <utility>

namespace xgate::cli {
namespace {

using nlohmann::json;

constexpr std::string_view literal_mark = "@text ";
constexpr int most_decimals = 9;

struct NumberRange {
  double low = 0;
  double high = 0;
  int decimals = 0;  ///< 0: whole numbers
};

struct Number {
  double value = 0;
  int decimals = 0;
};

std::optional<Number> number_in(std::string_view text) {
  Number number;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number.value, std::chars_format::fixed);
  if (text.empty() || parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
  if (!std::isfinite(number.value)) return std::nullopt;
  const std::size_t point = text.find('.');
  if (point != std::string_view::npos)
    number.decimals = static_cast<int>(std::min<std::size_t>(text.size() - point - 1, 20));
  return number;
}

std::optional<NumberRange> range_in(std::string_view text) {
  const std::size_t dots = text.find("..");
  if (dots == std::string_view::npos) return std::nullopt;
  const auto low = number_in(text.substr(0, dots));
  const auto high = number_in(text.substr(dots + 2));
  if (!low || !high) return std::nullopt;
  return NumberRange{low->value, high->value, std::max(low->decimals, high->decimals)};
}

json number_of(const NumberRange& range, std::minstd_rand& random) {
  if (range.decimals == 0)
    return std::uniform_int_distribution<std::int64_t>(
        static_cast<std::int64_t>(range.low), static_cast<std::int64_t>(range.high))(random);
  const double scale = std::pow(10.0, range.decimals);
  const auto low = static_cast<std::int64_t>(std::llround(range.low * scale));
  const auto high = static_cast<std::int64_t>(std::llround(range.high * scale));
  return static_cast<double>(std::uniform_int_distribution<std::int64_t>(low, high)(random)) /
         scale;
}

json filled_text(const std::string& text, const Filling& filling) {
  if (text == "@count") return filling.count;
  if (text == "@node") return std::string(filling.node_eui);
  if (text == "@time") return filling.now_ms;
  if (text.starts_with(literal_mark)) return text.substr(literal_mark.size());
  if (const auto range = range_in(text)) return number_of(*range, filling.random);
  return text;
}

std::optional<std::string> wrong_with_text(const std::string& text) {
  constexpr double most = 1e15;  // beyond it a double is no exact number
  if (text.starts_with('@')) {
    if (text == "@count" || text == "@node" || text == "@time" || text.starts_with(literal_mark))
      return std::nullopt;
    return "\"" + text + "\" is none of @count, @node, @time and \"@text …\"";
  }
  const auto range = range_in(text);
  if (!range) return std::nullopt;
  if (range->low > range->high) return "\"" + text + "\" goes from more to less";
  if (range->decimals > most_decimals) return "\"" + text + "\" has more than nine decimals";
  if (std::max(-range->low, range->high) * std::pow(10.0, range->decimals) > most)
    return "\"" + text + "\" goes too far";
  return std::nullopt;
}

}  // namespace

json filled(const json& pattern, const Filling& filling) {
  if (pattern.is_string()) return filled_text(pattern.get_ref<const std::string&>(), filling);
  if (!pattern.is_structured()) return pattern;
  json value = pattern;
  for (json& each : value) each = filled(each, filling);
  return value;
}

std::optional<std::string> wrong_with(const json& pattern) {
  if (pattern.is_string()) return wrong_with_text(pattern.get_ref<const std::string&>());
  if (!pattern.is_structured()) return std::nullopt;
  for (const json& each : pattern)
    if (auto wrong = wrong_with(each)) return wrong;
  return std::nullopt;
}

std::string filled_hex(std::string_view pattern, const Filling& filling) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::uniform_int_distribution<std::size_t> any(0, digits.size() - 1);
  std::string hex;
  hex.reserve(pattern.size());
  for (const char c : pattern) {
    if (c == ' ') continue;
    hex += c == '?' ? digits[any(filling.random)] : c;
  }
  return hex;
}

std::optional<std::string> wrong_with_hex(std::string_view pattern) {
  const auto is_digit = [](char c) {
    return c == '?' || std::isxdigit(static_cast<unsigned char>(c)) != 0;
  };
  const auto digits = std::count_if(pattern.begin(), pattern.end(), is_digit);
  const auto blanks = std::count(pattern.begin(), pattern.end(), ' ');
  if (digits + blanks != static_cast<std::ptrdiff_t>(pattern.size()))
    return "has a character that is no hex digit, ? or blank";
  if (digits == 0 || digits % 2 != 0) return "must have two hex digits a byte";
  return std::nullopt;
}

}  // namespace xgate::cli
