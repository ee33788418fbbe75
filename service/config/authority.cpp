// SPDX-License-Identifier: Apache-2.0
#include "service/config/authority.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <arpa/inet.h>

namespace xgate::config {
namespace {

constexpr std::size_t longest_name = 253;

bool is_ip(int family, const std::string& text) noexcept {
  std::array<unsigned char, 16> ignored{};
  return ::inet_pton(family, text.c_str(), ignored.data()) == 1;
}

bool is_in_a_name(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return lower;
}

/// ":8080", or nothing at all; a colon alone names none (RFC 3986, 3.2.3).
std::optional<int> parse_port(std::string_view text) noexcept {
  if (text.empty()) return 0;
  if (text.front() != ':') return std::nullopt;
  text.remove_prefix(1);
  if (text.empty()) return 0;
  int port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  return whole && text.front() != '-' && port <= 65535 ? std::optional(port) : std::nullopt;
}

}  // namespace

std::optional<Authority> parse_authority(std::string_view text) {
  Authority found;
  std::string_view rest;
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    const auto address = text.substr(1, end - 1);
    found.host = lower_case(address.substr(0, address.find('%')));
    found.literal = true;
    if (!is_ip(AF_INET6, found.host)) return std::nullopt;
    rest = text.substr(end + 1);
  } else {
    const auto colon = std::min(text.find(':'), text.size());
    found.host = lower_case(text.substr(0, colon));
    rest = text.substr(colon);
    found.literal = is_ip(AF_INET, found.host);
    if (found.host.ends_with('.')) found.host.pop_back();
    if (found.host.empty() || found.host.size() > longest_name ||
        !std::ranges::all_of(found.host, is_in_a_name)) {
      return std::nullopt;
    }
  }
  const auto port = parse_port(rest);
  if (!port) return std::nullopt;
  found.port = *port;
  return found;
}

std::optional<std::string_view> authority_of_url(std::string_view url) noexcept {
  const auto scheme = url.find("://");
  // In a path, "://" may stand too.
  if (scheme == std::string_view::npos ||
      url.substr(0, scheme).find('/') != std::string_view::npos) {
    return std::nullopt;
  }
  url.remove_prefix(scheme + 3);
  return url.substr(0, url.find_first_of("/?#"));
}

std::string origin_of(bool tls, const Authority& authority) {
  const int port = authority.port != 0 ? authority.port : tls ? 443 : 80;
  const bool v6 = authority.host.find(':') != std::string::npos;
  return (tls ? "https://" : "http://") + (v6 ? "[" + authority.host + "]" : authority.host) + ":" +
         std::to_string(port);
}

std::optional<std::string> canonical_origin(std::string_view origin) {
  const bool tls = origin.starts_with("https://");
  if (!tls && !origin.starts_with("http://")) return std::nullopt;
  const auto authority = parse_authority(origin.substr(origin.find("://") + 3));
  return authority ? std::optional(origin_of(tls, *authority)) : std::nullopt;
}

}  // namespace xgate::config
