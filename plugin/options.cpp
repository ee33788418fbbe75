// SPDX-License-Identifier: Apache-2.0
#include "plugin/options.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "protocol/used_timestamps.hpp"

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
Refusal set_alive_file(Options& options, std::string_view value) {
  return set_path(options.alive_file, value);
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

Refusal set_accounts_from(Options& options, std::string_view value) {
  auto list = AddressList::parse(value);
  if (!list) {
    return "must list the IP addresses and networks that service accounts log in from: " +
           list.error();
  }
  options.accounts_from = std::move(*list);
  return {};
}

struct Range {
  std::int64_t min;
  std::int64_t max;
};
Refusal set_number(std::string_view value, std::string_view what, Range range, std::int64_t& out) {
  const auto* end = value.data() + value.size();
  const auto [rest, error] = std::from_chars(value.data(), end, out);
  if (error == std::errc() && rest == end && out >= range.min && out <= range.max) return {};
  return "must be a number of " + std::string(what) + " from " + std::to_string(range.min) +
         " to " + std::to_string(range.max);
}

Refusal set_clock_skew(Options& options, std::string_view value) {
  return set_number(value, "seconds", {0, 86400}, options.clock_skew_s);
}

Refusal set_free_failures(Options& options, std::string_view value) {
  std::int64_t failures = 0;
  auto refusal = set_number(value, "failures", {0, 1000}, failures);
  options.login_rules.backoff.free = static_cast<int>(failures);
  return refusal;
}
Refusal set_longest_backoff(Options& options, std::string_view value) {
  std::int64_t seconds = 0;
  auto refusal = set_number(value, "seconds", {0, 86400}, seconds);
  options.login_rules.backoff.longest_ms = seconds * 1000;
  return refusal;
}
Refusal set_address_failures(Options& options, std::string_view value) {
  std::int64_t failures = 0;
  auto refusal = set_number(value, "failures", {0, 10'000'000}, failures);
  options.login_rules.peer.failures = static_cast<int>(failures);
  return refusal;
}

template <std::int64_t LimitRules::*member, std::int64_t most>
Refusal set_limit(Options& options, std::string_view value) {
  if (set_number(value, "", {0, most}, options.limits.*member).empty()) return {};
  return "must be a whole number from 0, which is no limit, to " + std::to_string(most);
}

struct Rule {
  std::string_view name;
  bool required;
  Refusal (*set)(Options&, std::string_view);
};
constexpr std::array<Rule, 19> rules{{
    {"database", true, set_database},
    {"cache_file", false, set_cache_file},
    {"accounts_file", true, set_accounts_file},
    {"accounts_from", false, set_accounts_from},
    {"alive_file", false, set_alive_file},
    {"broker_id", false, set_broker_id},
    {"clock_skew", false, set_clock_skew},
    {"login_free_failures", false, set_free_failures},
    {"login_longest_backoff", false, set_longest_backoff},
    {"login_failures_per_address", false, set_address_failures},
    {"messages_per_second", false, set_limit<&LimitRules::messages_per_second, 1'000'000>},
    {"bytes_per_second", false, set_limit<&LimitRules::bytes_per_second, 10'000'000'000>},
    {"logins_per_minute", false, set_limit<&LimitRules::logins_per_minute, 1'000'000>},
    {"product_auth_logins_per_second", false,
     set_limit<&LimitRules::product_auth_logins_per_second, 1'000'000>},
    {"auth_requests_per_minute", false,
     set_limit<&LimitRules::auth_requests_per_minute, 1'000'000>},
    {"product_auth_requests_per_second", false,
     set_limit<&LimitRules::product_auth_requests_per_second, 1'000'000>},
    {"filters_per_session", false, set_limit<&LimitRules::filters, 1'000'000>},
    {"queue_messages", false, set_limit<&LimitRules::queue_messages, 1'000'000'000>},
    {"queue_bytes", false, set_limit<&LimitRules::queue_bytes, 1'000'000'000'000>},
}};

std::string known_names() {
  std::string names;
  for (const auto& rule : rules) {
    names += (names.empty()            ? ""
              : &rule == &rules.back() ? " and "
                                       : ", ") +
             std::string(rule.name);
  }
  return names;
}

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
      return refuse(name, "is unknown: there are " + known_names());
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

std::string doubt_about(const Options& options) {
  constexpr auto most = protocol::UsedTimestamps::seconds;
  if (options.clock_skew_s <= most) return {};
  return "plugin_opt_clock_skew is more than the " + std::to_string(most) +
         " seconds of used timestamps that are remembered (V2-3): a device whose clock was further "
         "ahead and is set right cannot log in until the time is within " +
         std::to_string(most) + " seconds of its last timestamp";
}

}  // namespace xgate::plugin
