// SPDX-License-Identifier: Apache-2.0
#include "plugin/options.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

namespace xgate::plugin {
namespace {

using Refusal = std::string;  // empty: the value is good

Refusal set_path(std::string& path, std::string_view value) {
  if (!value.starts_with('/')) return "must be an absolute path: the broker changes its folder";
  path = value;
  return {};
}

Refusal set_database(Options& options, std::string_view value) {
  options.database = value;
  return {};
}
Refusal set_cache_file(Options& options, std::string_view value) {
  return set_path(options.cache_file, value);
}
Refusal set_accounts_file(Options& options, std::string_view value) {
  return set_path(options.accounts_file, value);
}

Refusal set_broker_id(Options& options, std::string_view value) {
  const auto is_legal = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  };
  if (value.size() > 64 || !std::all_of(value.begin(), value.end(), is_legal)) {
    return "must be of 1 to 64 letters, digits, '-', '_' and '.'";
  }
  options.broker_id = value;
  return {};
}

Refusal set_clock_skew(Options& options, std::string_view value) {
  const auto* end = value.data() + value.size();
  const auto [rest, error] = std::from_chars(value.data(), end, options.clock_skew_s);
  if (error != std::errc() || rest != end || options.clock_skew_s < 0 ||
      options.clock_skew_s > 86400) {
    return "must be a number of seconds from 0 to 86400";
  }
  return {};
}

struct Rule {
  std::string_view name;
  bool required;
  Refusal (*set)(Options&, std::string_view);
};
constexpr std::array<Rule, 5> rules{{
    {"database", true, set_database},
    {"cache_file", false, set_cache_file},
    {"accounts_file", true, set_accounts_file},
    {"broker_id", false, set_broker_id},
    {"clock_skew", false, set_clock_skew},
}};

tl::unexpected<std::string> refuse(std::string_view name, std::string_view why) {
  return tl::make_unexpected("plugin_opt_" + std::string(name) + " " + std::string(why));
}

}  // namespace

tl::expected<Options, std::string> parse_options(std::span<const OptionText> texts) {
  Options options;
  std::vector<std::string_view> seen;
  for (const auto& text : texts) {
    // not a structured binding: clang before 16 cannot capture one
    const auto& name = text.first;
    const auto& value = text.second;
    const auto rule =
        std::find_if(rules.begin(), rules.end(), [&](const Rule& one) { return one.name == name; });
    if (rule == rules.end()) {
      return refuse(name,
                    "is unknown: there are database, cache_file, accounts_file, broker_id "
                    "and clock_skew");
    }
    if (std::find(seen.begin(), seen.end(), rule->name) != seen.end()) {
      return refuse(name, "stands there twice");
    }
    seen.push_back(rule->name);
    if (value.empty()) return refuse(name, "is empty");
    if (const auto refusal = rule->set(options, value); !refusal.empty()) {
      return refuse(name, refusal);
    }
  }
  for (const auto& rule : rules) {
    if (rule.required && std::find(seen.begin(), seen.end(), rule.name) == seen.end()) {
      return refuse(rule.name, "is missing");
    }
  }
  return options;
}

}  // namespace xgate::plugin
