// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

namespace xgate::sql {

/// One file of sql/, embedded when the binary was built.
struct Migration {
  int number;             ///< 1 for 0001_platform.sql
  std::string_view name;  ///< "0001_platform"
  std::string_view text;
};

/// All of them, in order.
std::span<const Migration> migrations() noexcept;

/// grants.sql: run after them, with the roles in xgate.service_role and xgate.plugin_role.
std::string_view grants() noexcept;

}  // namespace xgate::sql
