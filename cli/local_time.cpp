// SPDX-License-Identifier: Apache-2.0
#include "cli/local_time.hpp"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <cstdlib>
#include <iomanip>
#include <locale>
#include <sstream>

#include "cli/duration.hpp"

namespace xgate::cli {
namespace {

constexpr std::size_t seconds_end = 19;  // 2026-11-23T02:04:50
constexpr std::int64_t longest_ahead_s = std::int64_t{1000} * 366 * 86400;

struct Local {
  std::tm time{};
  std::string fraction;  ///< ".123", or empty
};

std::optional<Local> local_from(const std::string& rfc3339) {
  std::tm utc{};
  const char* rest = strptime(rfc3339.c_str(), "%Y-%m-%dT%H:%M:%S", &utc);
  if (rest == nullptr || rfc3339.back() != 'Z' || rfc3339.size() <= seconds_end) {
    return std::nullopt;
  }
  const std::time_t seconds = timegm(&utc);
  Local local;
  if (localtime_r(&seconds, &local.time) == nullptr) return std::nullopt;
  local.fraction = rfc3339.substr(seconds_end, rfc3339.size() - seconds_end - 1);
  return local;
}

std::string formatted(const std::tm& time, const char* format) {
  std::ostringstream text;
  text.imbue(std::locale::classic());
  text << std::put_time(&time, format);
  return text.str();
}

/// "+0800" to "+08:00".
std::string zone_of(const std::tm& time) {
  const std::string offset = formatted(time, "%z");
  return offset.size() == 5 ? offset.substr(0, 3) + ":" + offset.substr(3) : offset;
}

std::string utc_text(std::time_t seconds, std::string_view fraction) {
  std::tm utc{};
  if (gmtime_r(&seconds, &utc) == nullptr) return {};
  return formatted(utc, "%Y-%m-%dT%H:%M:%S") + std::string(fraction) + "Z";
}

/// ".123" at the front of `text`, which it is taken from.
std::string_view take_fraction(std::string_view& text) {
  if (!text.starts_with('.')) return {};
  const auto is_digit = [](char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; };
  const auto end = std::find_if_not(text.begin() + 1, text.end(), is_digit);
  const std::string_view fraction = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  if (fraction.size() == 1) return {};
  text.remove_prefix(fraction.size());
  return fraction;
}

/// Seconds east of UTC: "Z", "+08:00", "+0800", "-05".
std::optional<long> offset_from(std::string_view zone) {
  if (zone == "Z" || zone == "z") return 0;
  if (zone.size() < 3 || (zone[0] != '+' && zone[0] != '-')) return std::nullopt;
  std::string digits(zone.substr(1));
  std::erase(digits, ':');
  const bool all_digits =
      std::ranges::all_of(digits, [](unsigned char c) { return std::isdigit(c) != 0; });
  if (!all_digits || (digits.size() != 2 && digits.size() != 4)) return std::nullopt;
  const long hours = std::strtol(digits.substr(0, 2).c_str(), nullptr, 10);
  const long minutes = digits.size() == 4 ? std::strtol(digits.c_str() + 2, nullptr, 10) : 0;
  if (hours > 23 || minutes > 59) return std::nullopt;
  const long seconds = (hours * 60 + minutes) * 60;
  return zone[0] == '-' ? -seconds : seconds;
}

/// As people write a time: in this machine's zone, or with another.
std::optional<std::string> written_time(const std::string& text) {
  std::tm time{};
  const char* rest = strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &time);
  if (rest == nullptr) rest = strptime(text.c_str(), "%Y-%m-%d %H:%M:%S", &time);
  if (rest == nullptr) return std::nullopt;
  std::string_view zone(rest);
  const std::string_view fraction = take_fraction(zone);
  while (zone.starts_with(' ')) zone.remove_prefix(1);
  if (zone.empty()) {
    time.tm_isdst = -1;
    return utc_text(mktime(&time), fraction);
  }
  const auto offset = offset_from(zone);
  if (!offset) return std::nullopt;
  return utc_text(timegm(&time) - *offset, fraction);
}

}  // namespace

std::string local_time(const std::string& rfc3339) {
  const auto local = local_from(rfc3339);
  return local ? formatted(local->time, "%Y-%m-%d %H:%M:%S") + local->fraction : rfc3339;
}

std::string zoned_time(const std::string& rfc3339) {
  const auto local = local_from(rfc3339);
  return local ? local_time(rfc3339) + " " + zone_of(local->time) : rfc3339;
}

std::string with_zoned_times(std::string_view sentence) {
  constexpr std::string_view form = "0000-00-00T00:00:00Z";  // a digit for each 0
  const auto fits = [](char c, char f) { return f == '0' ? c >= '0' && c <= '9' : c == f; };
  std::string text;
  while (!sentence.empty()) {
    const std::string_view here = sentence.substr(0, form.size());
    const bool time = !text.ends_with('"') && std::ranges::equal(here, form, fits);
    text += time ? zoned_time(std::string(here)) : std::string(here.substr(0, 1));
    sentence.remove_prefix(time ? form.size() : 1);
  }
  return text;
}

std::string time_heading(std::string_view word) {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  if (localtime_r(&now, &local) == nullptr) return std::string(word);
  return std::string(word) + " " + zone_of(local);
}

std::optional<std::string> time_from(const std::string& text, std::time_t now) {
  if (const auto ago = parse_duration(text)) {
    return utc_text(now - static_cast<std::time_t>(*ago), "");
  }
  return written_time(text);
}

std::optional<std::string> coming_time_from(const std::string& text, std::time_t now) {
  if (const auto ahead = parse_duration(text)) {
    if (*ahead > longest_ahead_s) return std::nullopt;
    return utc_text(now + static_cast<std::time_t>(*ahead), "");
  }
  std::tm day{};
  const char* rest = strptime(text.c_str(), "%Y-%m-%d", &day);
  if (rest == nullptr || *rest != '\0') return written_time(text);
  ++day.tm_mday;
  day.tm_isdst = -1;
  return utc_text(mktime(&day), "");
}

}  // namespace xgate::cli
