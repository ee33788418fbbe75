// SPDX-License-Identifier: Apache-2.0
#include "service/api/router.hpp"

#include <algorithm>
#include <cctype>

#include "service/store/columns.hpp"

namespace xgate::api {
namespace {

int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const auto end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

/// The values of a template's {…} in `path`; nothing where it does not fit.
std::optional<std::vector<std::string>> fit(std::string_view pattern, std::string_view path) {
  const auto wanted = split(pattern, '/');
  const auto given = split(path, '/');
  if (wanted.size() != given.size()) return std::nullopt;
  std::vector<std::string> values;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (!wanted[i].starts_with('{')) {
      if (wanted[i] != given[i]) return std::nullopt;
      continue;
    }
    auto value = percent_decoded(given[i]);
    if (!value || value->empty()) return std::nullopt;
    values.push_back(std::move(*value));
  }
  return values;
}

std::string_view type_of(Body body) {
  switch (body) {
    case Body::csv:
      return "text/csv";
    case Body::file:
      return "application/octet-stream";
    case Body::script:
      return "text/javascript";
    case Body::none:
    case Body::json:
      break;
  }
  return "application/json";
}

}  // namespace

std::size_t body_limit(const Route& route) noexcept {
  return route.body == Body::csv ? max_csv_bytes : max_json_bytes;
}

Result<Match> find_route(std::span<const Route> table, std::string_view method,
                         std::string_view path) {
  std::string allow;
  for (const auto& route : table) {
    auto values = fit(route.path, path);
    if (!values) continue;
    // "/devices/import" also fits "/devices/{device}": the fixed path stands first in the table.
    if (route.method == method) return Match{&route, std::move(*values)};
    if (allow.find(route.method) == std::string::npos) {
      allow += (allow.empty() ? "" : ", ") + std::string(route.method);
    }
  }
  if (allow.empty()) return tl::unexpected(not_found("there is nothing at this path"));
  Problem problem;
  problem.status = 405;
  problem.type = "method-not-allowed";
  problem.detail = "this path takes " + allow;
  problem.allow = allow;
  return tl::unexpected(std::move(problem));
}

Result<void> check_content_type(const Route& route, std::string_view content_type) {
  if (route.body == Body::none) return {};
  std::string type(content_type.substr(0, content_type.find(';')));
  std::transform(type.begin(), type.end(), type.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  while (type.ends_with(' ') || type.ends_with('\t')) type.pop_back();
  const std::string_view wanted = type_of(route.body);
  if (type == wanted) return {};
  if (route.method == "PATCH" && type == "application/merge-patch+json") return {};
  if (route.body == Body::script && type == "application/javascript") return {};
  Problem problem;
  problem.status = 415;
  problem.type = "unsupported-media-type";
  problem.detail = "send this with Content-Type: " + std::string(wanted);
  return tl::unexpected(std::move(problem));
}

std::optional<std::string_view> bearer_token(std::string_view authorization) {
  constexpr std::string_view scheme = "bearer";
  const auto same = [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; };
  const auto named = authorization.substr(0, scheme.size());
  if (!std::equal(named.begin(), named.end(), scheme.begin(), scheme.end(), same)) {
    return std::nullopt;
  }
  const auto rest = authorization.substr(scheme.size());
  const auto token = rest.find_first_not_of(" \t");
  if (token == 0 || token == std::string_view::npos) return std::nullopt;
  return rest.substr(token);
}

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const int high = hex_digit(text[i + 1]);
    const int low = hex_digit(text[i + 2]);
    if (high < 0 || low < 0 || (high == 0 && low == 0)) return std::nullopt;
    decoded += static_cast<char>(high * 16 + low);
    i += 2;
  }
  if (!store::is_storable(decoded)) return std::nullopt;
  return decoded;
}

Result<Target> parse_target(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!target.starts_with(scheme)) continue;
    target.remove_prefix(std::min(target.find('/', scheme.size()), target.size()));
  }
  if (!target.starts_with('/')) return tl::unexpected(bad_request("the target is not a path"));
  const auto question = target.find('?');
  Target parsed;
  parsed.path = target.substr(0, question);
  if (question == std::string_view::npos) return parsed;
  for (const auto pair : split(target.substr(question + 1), '&')) {
    if (pair.empty()) continue;
    const auto equals = pair.find('=');
    std::string raw(equals == std::string_view::npos ? "" : pair.substr(equals + 1));
    std::replace(raw.begin(), raw.end(), '+', ' ');
    auto name = percent_decoded(pair.substr(0, equals));
    auto value = percent_decoded(raw);
    if (!name || !value) {
      return tl::unexpected(bad_request("the query has a malformed %-escape, or is no UTF-8"));
    }
    parsed.query.emplace_back(std::move(*name), std::move(*value));
  }
  return parsed;
}

}  // namespace xgate::api
