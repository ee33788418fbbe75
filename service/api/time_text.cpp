// SPDX-License-Identifier: Apache-2.0
#include "service/api/time_text.hpp"

#include <array>
#include <chrono>
#include <cstdio>

namespace xgate::api {
namespace {

/// Reads from the front, and remembers whether all that was asked for was there.
class Reader {
 public:
  explicit Reader(std::string_view text) noexcept : rest_(text) {}
  bool good() const noexcept { return good_; }
  bool at_end() const noexcept { return rest_.empty(); }

  int digits(std::size_t count) noexcept {
    int number = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const int digit = take_digit();
      if (digit < 0) {
        good_ = false;
        return 0;
      }
      number = number * 10 + digit;
    }
    return number;
  }
  int take_digit() noexcept {
    if (rest_.empty() || rest_.front() < '0' || rest_.front() > '9') return -1;
    const int digit = rest_.front() - '0';
    rest_.remove_prefix(1);
    return digit;
  }
  /// The next character where it is one of them.
  char one_of(std::string_view wanted) noexcept {
    if (rest_.empty() || wanted.find(rest_.front()) == std::string_view::npos) return '\0';
    const char taken = rest_.front();
    rest_.remove_prefix(1);
    return taken;
  }
  void expect(std::string_view wanted) noexcept { good_ = one_of(wanted) != '\0' && good_; }

 private:
  std::string_view rest_;
  bool good_ = true;
};

int fraction_ms(Reader& reader) noexcept {
  if (reader.one_of(".") == '\0') return 0;
  int ms = reader.digits(1) * 100;
  int scale = 10;
  for (int digit = reader.take_digit(); digit >= 0; digit = reader.take_digit()) {
    ms += digit * scale;
    scale /= 10;  // 0 beyond the third
  }
  return ms;
}

}  // namespace

std::optional<std::int64_t> time_from_text(std::string_view text) noexcept {
  using namespace std::chrono;
  Reader reader(text);
  const year_month_day day = [&] {
    const int y = reader.digits(4);
    reader.expect("-");
    const int m = reader.digits(2);
    reader.expect("-");
    const int d = reader.digits(2);
    return year(y) / m / d;
  }();
  reader.expect("Tt ");
  const int hour = reader.digits(2);
  reader.expect(":");
  const int minute = reader.digits(2);
  reader.expect(":");
  const int second = reader.digits(2);
  const int ms = fraction_ms(reader);
  std::int64_t offset_s = 0;
  if (reader.one_of("Zz") == '\0') {
    const char sign = reader.one_of("+-");
    const int hours = reader.digits(2);
    reader.expect(":");
    const int minutes = reader.digits(2);
    if (sign == '\0' || hours > 23 || minutes > 59) return std::nullopt;
    offset_s = (hours * 3600LL + minutes * 60LL) * (sign == '-' ? -1 : 1);
  }
  if (!reader.good() || !reader.at_end() || !day.ok() || hour > 23 || minute > 59 || second > 60) {
    return std::nullopt;
  }
  const std::int64_t days = sys_days(day).time_since_epoch().count();
  return (days * 86400 + hour * 3600LL + minute * 60LL + second - offset_s) * 1000 + ms;
}

std::string time_to_text(std::int64_t unix_ms) {
  using namespace std::chrono;
  const sys_time<milliseconds> time{milliseconds(unix_ms)};
  const auto day = floor<days>(time);
  const year_month_day date{day};
  const hh_mm_ss clock{time - day};
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
                static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()),
                static_cast<int>(clock.subseconds().count()));
  return text.data();
}

}  // namespace xgate::api
