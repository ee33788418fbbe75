// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// OTA-4, RFC 9110: whether a request wants this very file, and which part of it. Pure.
namespace xgate::download {

enum class Part : std::uint8_t {
  whole,         ///< 200
  range,         ///< 206
  unsatisfiable  ///< 416
};
struct Extent {
  Part part = Part::whole;
  std::int64_t first = 0;
  std::int64_t length = 0;
  bool operator==(const Extent&) const = default;
};
/// Of a file of `size` bytes (1 or more); `header` empty: none was sent. Another unit than bytes is
/// ignored, and so are several ranges at once: the answer is the whole file, as RFC 9110 allows.
/// What is no range, or begins behind the end, is unsatisfiable.
Extent resolve_range(std::string_view header, std::int64_t size);

/// Whether a Range counts: If-Range names this very file, by its ETag or its date.
bool if_range_holds(std::string_view header, std::string_view etag, std::int64_t modified_s);

/// The fields of a request that make it depend on which file there is (RFC 9110, 13.1); empty: not
/// sent.
struct Preconditions {
  std::string_view if_match = {};
  std::string_view if_unmodified_since = {};
  std::string_view if_none_match = {};
  std::string_view if_modified_since = {};
};
enum class Precondition : std::uint8_t {
  met,
  failed,       ///< 412
  not_modified  ///< 304
};
/// In the order of RFC 9110, 13.2.2. A date that is none counts as not sent.
Precondition check_preconditions(const Preconditions& wanted, std::string_view etag,
                                 std::int64_t modified_s);

std::string http_date(std::int64_t unix_s);  ///< "Sun, 06 Nov 1994 08:49:37 GMT"

/// The DownID of a request: the header DownID, or the query parameter DownID, or what follows /ota/
/// in the path. Nothing where the path is not under /ota, or it is no DownID of ours.
std::optional<std::string> down_id_of(std::string_view target, std::string_view header);

}  // namespace xgate::download
