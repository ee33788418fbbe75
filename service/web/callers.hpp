// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "service/config/config.hpp"

// Who may ask an HTTP server of ours: a browser is led here by a page of somebody else's under a
// name that this page's owner has pointed at our address, or by a request across origins. Both show
// in the header. Pure but for rule_of().
namespace xgate::web {

/// What the header of a request says about where it comes from. Views of that header.
struct Heading {
  unsigned version = 11;
  std::string_view target;
  std::vector<std::string_view> hosts;    ///< each Host field; good requests have one
  std::vector<std::string_view> origins;  ///< each Origin field
};

/// Of a Beast message.
template <class Message>
Heading heading_of(const Message& message) {
  const auto view = [](const auto& text) { return std::string_view(text.data(), text.size()); };
  const auto all = [&](const char* name) {
    std::vector<std::string_view> values;
    const auto [first, last] = message.equal_range(name);
    for (auto it = first; it != last; ++it) values.push_back(view(it->value()));
    return values;
  };
  return {message.version(), view(message.target()), all("Host"), all("Origin")};
}

struct Stranger {
  enum class Why : std::uint8_t {
    no_host,         ///< 400: HTTP/1.1 without one, or with several
    malformed_host,  ///< 400
    foreign_name,    ///< 421
    foreign_origin,  ///< 403
  };
  Why why;
  std::string sentence;

  int status() const noexcept;
};

class Callers {
 public:
  struct Rule {
    std::vector<std::string> names =
        {};  ///< besides localhost and IP addresses, which are nobody's
    std::vector<std::string> origins = {};  ///< "https://xgate.example.com", besides the own one
    bool tls = false;                       ///< the own origin is https://HOST, not http://HOST
    /// HTTP/1.0 knows no Host, and no browser speaks it: whatever stands there is of no account.
    bool ignores_host_of_1_0 = false;
  };
  explicit Callers(const Rule& rule);

  /// Why this request is not to be answered; nothing: it is.
  std::optional<Stranger> judge(const Heading& heading) const;

 private:
  bool knows(std::string_view origin, std::string_view host) const;

  std::unordered_set<std::string> names_;
  std::unordered_set<std::string> origins_;
  const bool tls_;
  const bool ignores_host_of_1_0_;
};

/// The names and origins of the settings: [http] hosts and origins, the host of [download]
/// public_url, and this machine's host name, whole and up to its first dot.
Callers::Rule rule_of(const config::Settings& settings);

}  // namespace xgate::web
