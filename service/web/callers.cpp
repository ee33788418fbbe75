// SPDX-License-Identifier: Apache-2.0
#include "service/web/callers.hpp"

#include <array>

#include <unistd.h>

#include "service/config/authority.hpp"

namespace xgate::web {
namespace {

using Why = Stranger::Why;

Stranger stranger(Why why, std::string sentence) { return {why, std::move(sentence)}; }

}  // namespace

int Stranger::status() const noexcept {
  if (why == Why::foreign_name) return 421;
  return why == Why::foreign_origin ? 403 : 400;
}

Callers::Callers(const Rule& rule)
    : tls_(rule.tls), ignores_host_of_1_0_(rule.ignores_host_of_1_0) {
  names_.insert("localhost");
  for (const auto& name : rule.names) {
    if (const auto authority = config::parse_authority(name)) names_.insert(authority->host);
  }
  for (const auto& origin : rule.origins) {
    if (const auto canonical = config::canonical_origin(origin)) origins_.insert(*canonical);
  }
}

std::optional<Stranger> Callers::judge(const Heading& heading) const {
  const bool old = heading.version < 11;
  const bool judges_host = !old || !ignores_host_of_1_0_;
  if (judges_host && (heading.hosts.size() > 1 || (heading.hosts.empty() && !old))) {
    return stranger(Why::no_host, "HTTP/1.1 wants one header Host, which names whom you ask");
  }
  // A whole URL in the request line stands above the header (RFC 9112, 3.2.2).
  const std::string_view header =
      heading.hosts.empty() ? std::string_view() : heading.hosts.front();
  const auto asked = config::authority_of_url(heading.target);
  for (const auto& text : {asked, heading.hosts.empty() ? std::nullopt : std::optional(header)}) {
    if (!text || !judges_host) continue;
    const auto authority = config::parse_authority(*text);
    if (!authority) {
      return stranger(
          Why::malformed_host,
          "the host that is asked for is no name and no IP address (HOST or HOST:PORT)");
    }
    if (!authority->literal && !names_.contains(authority->host)) {
      return stranger(Why::foreign_name, "this service does not answer under the name \"" +
                                             authority->host +
                                             "\": [http] hosts lists the names that it has");
    }
  }
  for (const auto origin : heading.origins) {
    if (!knows(origin, asked.value_or(header))) {
      return stranger(Why::foreign_origin,
                      "requests of another site's pages are not answered: [http] origins lists "
                      "those whose pages may ask");
    }
  }
  return std::nullopt;
}

bool Callers::knows(std::string_view origin, std::string_view host) const {
  const auto canonical = config::canonical_origin(origin);
  if (!canonical) return false;
  const auto own = config::parse_authority(host);
  return origins_.contains(*canonical) || (own && config::origin_of(tls_, *own) == *canonical);
}

Callers::Rule rule_of(const config::Settings& settings) {
  Callers::Rule rule{.names = settings.http.hosts, .origins = settings.http.origins};
  if (const auto host = config::authority_of_url(settings.download.public_url)) {
    rule.names.emplace_back(*host);
  }
  std::array<char, 256> text{};
  if (::gethostname(text.data(), text.size() - 1) == 0) {
    const std::string name(text.data());
    rule.names.push_back(name);
    rule.names.push_back(name.substr(0, name.find('.')));
  }
  return rule;
}

}  // namespace xgate::web
