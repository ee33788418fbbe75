// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <tl/expected.hpp>

#include "plugin/address_list.hpp"
#include "plugin/limits.hpp"
#include "plugin/login_guard.hpp"

namespace xgate::plugin {

/// plugin_opt_… of mosquitto.conf.
struct Options {
  std::string database;       ///< libpq conninfo
  std::string cache_file;     ///< empty: no copy on disk
  std::string accounts_file;  ///< as mosquitto_passwd writes it
  std::string alive_file;     ///< empty: no heartbeat
  std::string broker_id = "local";
  std::int64_t clock_skew_s = 60;
  LoginGuard::Rules login_rules;
  /// Where service accounts may log in from.
  AddressList accounts_from = AddressList::loopback();
  LimitRules limits;
};

using OptionText = std::pair<std::string_view, std::string_view>;
/// An error is one sentence that names the option.
tl::expected<Options, std::string> parse_options(std::span<const OptionText> texts);
/// A sentence where they are good and yet hardly what is wanted; else empty.
std::string doubt_about(const Options& options);

}  // namespace xgate::plugin
