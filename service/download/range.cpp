// SPDX-License-Identifier: Apache-2.0
#include "service/download/range.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <limits>

#include "service/api/etag.hpp"

namespace xgate::download {
namespace {

constexpr std::int64_t beyond = std::numeric_limits<std::int64_t>::max();

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter_or_digit(char c) {
  return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool same_word(std::string_view left, std::string_view right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](char a, char b) { return lower(a) == lower(b); });
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// Any number of digits: what is too large is as large as can be.
std::optional<std::int64_t> number_from(std::string_view text) {
  if (text.empty() || !std::all_of(text.begin(), text.end(), is_digit)) return std::nullopt;
  std::int64_t number = 0;
  for (const char c : text) {
    const int digit = c - '0';
    if (number > (beyond - digit) / 10) return beyond;
    number = number * 10 + digit;
  }
  return number;
}

constexpr Extent unsatisfiable{Part::unsatisfiable, 0, 0};

/// One of "first-last", "first-", "-length"; nothing where it is none of them.
std::optional<Extent> resolve_one(std::string_view spec, std::int64_t size) {
  const auto dash = spec.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto left = spec.substr(0, dash);
  const auto right = spec.substr(dash + 1);
  if (left.empty()) {
    const auto length = number_from(right);
    if (!length) return std::nullopt;
    if (*length == 0) return unsatisfiable;
    const auto taken = std::min(*length, size);
    return Extent{Part::range, size - taken, taken};
  }
  const auto first = number_from(left);
  const auto last = right.empty() ? std::optional(beyond) : number_from(right);
  if (!first || !last || *last < *first) return std::nullopt;
  if (*first >= size) return unsatisfiable;
  return Extent{Part::range, *first, std::min(*last, size - 1) - *first + 1};
}

/// The one form that is sent today, of the three in RFC 9110, 5.6.7.
std::optional<std::int64_t> date_from(std::string_view header) {
  const std::string text(trimmed(header));
  std::tm utc{};
  const char* end = ::strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &utc);
  if (end == nullptr || *end != '\0') return std::nullopt;
  return ::timegm(&utc);
}

}  // namespace

Extent resolve_range(std::string_view header, std::int64_t size) {
  const Extent whole{Part::whole, 0, size};
  header = trimmed(header);
  const auto equals = header.find('=');
  if (header.empty()) return whole;
  if (equals == std::string_view::npos) return unsatisfiable;
  if (!same_word(trimmed(header.substr(0, equals)), "bytes")) return whole;
  auto rest = header.substr(equals + 1);
  Extent found = unsatisfiable;
  int count = 0;
  while (true) {
    const auto comma = rest.find(',');
    const auto spec = trimmed(rest.substr(0, comma));
    if (!spec.empty()) {  // a list may have empty elements
      const auto one = resolve_one(spec, size);
      if (!one) return unsatisfiable;
      if (one->part == Part::range) found = *one;
      ++count;
    }
    if (comma == std::string_view::npos) break;
    rest.remove_prefix(comma + 1);
  }
  return count > 1 && found.part == Part::range ? whole : found;
}

bool if_range_holds(std::string_view header, std::string_view etag, std::int64_t modified_s) {
  header = trimmed(header);
  if (header.empty()) return true;
  // A weak tag (W/…) never names the very same bytes.
  if (header.front() == '"') return header == etag;
  return header == http_date(modified_s);
}

Precondition check_preconditions(const Preconditions& wanted, std::string_view etag,
                                 std::int64_t modified_s) {
  if (!trimmed(wanted.if_match).empty()) {
    if (!api::matches_tag(wanted.if_match, etag)) return Precondition::failed;
  } else if (const auto since = date_from(wanted.if_unmodified_since)) {
    if (modified_s > *since) return Precondition::failed;
  }
  if (!trimmed(wanted.if_none_match).empty()) {
    return api::names_tag(wanted.if_none_match, etag) ? Precondition::not_modified
                                                      : Precondition::met;
  }
  const auto since = date_from(wanted.if_modified_since);
  return since && modified_s <= *since ? Precondition::not_modified : Precondition::met;
}

std::string http_date(std::int64_t unix_s) {
  constexpr std::array days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto time = static_cast<std::time_t>(unix_s);
  std::tm utc{};
  ::gmtime_r(&time, &utc);
  std::array<char, 64> text{};
  const int length = std::snprintf(text.data(), text.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT",
                                   days.at(static_cast<std::size_t>(utc.tm_wday)), utc.tm_mday,
                                   months.at(static_cast<std::size_t>(utc.tm_mon)),
                                   utc.tm_year + 1900, utc.tm_hour, utc.tm_min, utc.tm_sec);
  return {text.data(), static_cast<std::size_t>(length)};
}

std::optional<std::string> down_id_of(std::string_view target, std::string_view header) {
  if (!target.starts_with('/')) {  // "http://host/path", as to a proxy
    const auto host = target.find("://");
    const auto path = host == std::string_view::npos ? host : target.find('/', host + 3);
    if (path == std::string_view::npos) return std::nullopt;
    target.remove_prefix(path);
  }
  const auto question = target.find('?');
  const auto path = target.substr(0, question);
  if (path != "/ota" && !path.starts_with("/ota/")) return std::nullopt;
  std::string_view id = trimmed(header);
  if (id.empty() && question != std::string_view::npos) {
    auto query = target.substr(question + 1);
    while (!query.empty() && id.empty()) {
      const auto pair = query.substr(0, query.find('&'));
      if (pair.size() > 7 && same_word(pair.substr(0, 7), "DownID=")) id = pair.substr(7);
      query.remove_prefix(std::min(query.size(), pair.size() + 1));
    }
  }
  if (id.empty() && path.size() > 5) {
    id = path.substr(5);
    id = id.substr(0, id.find('/'));
  }
  if (id.empty() || id.size() > 64 || !std::all_of(id.begin(), id.end(), is_letter_or_digit)) {
    return std::nullopt;
  }
  return std::string(id);
}

}  // namespace xgate::download
