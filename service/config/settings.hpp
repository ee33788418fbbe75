// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "service/config/config.hpp"

namespace xgate::config {

/// Where a setting's value goes, and of what type it is.
using Target =
    std::variant<std::string*, int*, bool*, std::vector<int>*, std::vector<std::string>*>;

/// What a text must be, beyond being text.
enum class Text : std::uint8_t {
  any,
  not_empty,
  conninfo,
  other_conninfo,  ///< or empty
  address,
  zone,
  path,
  secret_file,
  token_file,  ///< need not be there yet
  account,     ///< no name that a device could have
  file,
  key_file,         ///< empty, or a file that not everybody may read
  address_or_none,  ///< empty, or an IP address
  host,             ///< a name or an IP address, without a port
  origin,           ///< http(s)://HOST[:PORT] and nothing more
  base_url,         ///< empty, or http(s)://HOST[:PORT][/PATH] without query
};

struct Setting {
  std::string_view section;
  std::string_view key;
  Target (*where)(Settings&);
  Text text = Text::any;
  std::int64_t min = 0;  ///< of a number, or of each number of a list
  std::int64_t max = 0;
  std::span<const std::string_view> choices = {};
  std::string_view english;
  std::string_view chinese;
  std::string_view example = {};  ///< shown where there is no default, for it must be given
};

/// Of [messages] retention_days, XGATE_MESSAGES_RETENTION_DAYS.
std::string environment_name(const Setting& row);

/// The one table of settings, in the order of the documentation.
std::span<const Setting> settings_table() noexcept;

}  // namespace xgate::config
