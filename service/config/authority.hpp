// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace xgate::config {

/// HOST[:PORT], as a Host field and a URL have it (RFC 3986, 3.2.2).
struct Authority {
  std::string host;      ///< in lower case, without a final dot; of IPv6 without brackets and zone
  bool literal = false;  ///< an IP address
  int port = 0;          ///< 0: none is named

  bool operator==(const Authority&) const = default;
};

/// Nothing where `text` is neither a name nor an IP address, or its port is none.
std::optional<Authority> parse_authority(std::string_view text);

/// What a URL has between "://" and its path; nothing where it has no "://" (a bare path).
std::optional<std::string_view> authority_of_url(std::string_view url) noexcept;

/// "https://HOST:PORT", the origin of what is asked for there.
std::string origin_of(bool tls, const Authority& authority);
/// The same of an origin's text; nothing where it is no origin of the web, such as "null".
std::optional<std::string> canonical_origin(std::string_view origin);

}  // namespace xgate::config
