// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <span>
#include <string>

#include <tl/expected.hpp>

#include "sql/migrations.hpp"

namespace xgate::app {

/// Whom the owner of the schema lets in (sql/grants.sql); empty: nobody.
struct Roles {
  std::string service;
  std::string plugin;
};

/// `xgate migrate`: brings the database to this program's schema. `say` is told each step in a
/// sentence. Then grants `roles` what they need. Two at a time wait for each other; one that fails
/// leaves the database as it was before its own migration. A database that cannot be reached is
/// tried again for `patience`.
tl::expected<void, std::string> migrate(const std::string& conninfo,
                                        const std::function<void(const std::string&)>& say,
                                        const Roles& roles = {},
                                        std::chrono::seconds patience = {});
/// The same, with another list (tests).
tl::expected<void, std::string> migrate(const std::string& conninfo,
                                        std::span<const sql::Migration> migrations,
                                        const std::function<void(const std::string&)>& say);

}  // namespace xgate::app
