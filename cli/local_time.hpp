// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ctime>
#include <optional>
#include <string>
#include <string_view>

// Times as people read and write them: in this machine's zone. The API's are RFC 3339 in UTC.
namespace xgate::cli {

/// "2026-11-23T02:04:50.123Z" as this machine's clock on the wall shows it, without the zone, for
/// a column whose heading has it; other text unchanged.
std::string local_time(const std::string& rfc3339);

/// The same with its zone: "2026-11-23 10:04:50.123 +08:00".
std::string zoned_time(const std::string& rfc3339);

/// A sentence of the service with its times, which are UTC, as zoned_time() has them. One that
/// stands right behind a quotation mark is a device's, and stays as it is.
std::string with_zoned_times(std::string_view sentence);

/// The heading of a column of such times: "time +08:00".
std::string time_heading(std::string_view word);

/// What a person wrote, as RFC 3339: a time as the two above print it, one with another zone, or a
/// duration, which is so long before `now`. Nothing where it is none of them.
std::optional<std::string> time_from(const std::string& text, std::time_t now);

/// The same of something to come: a duration is from `now` on, and a date alone is the end of that
/// day.
std::optional<std::string> coming_time_from(const std::string& text, std::time_t now);

}  // namespace xgate::cli
