// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <span>
#include <string>

#include <tl/expected.hpp>

#include "sql/migrations.hpp"

namespace xgate::app {

/// `xgate migrate`: brings the database to this program's schema. `say` is told each step in a
/// sentence. Two at a time wait for each other; one that fails leaves the database as it was
/// before its own migration.
tl::expected<void, std::string> migrate(const std::string& conninfo,
                                        const std::function<void(const std::string&)>& say);
/// The same, with another list (tests).
tl::expected<void, std::string> migrate(const std::string& conninfo,
                                        std::span<const sql::Migration> migrations,
                                        const std::function<void(const std::string&)>& say);

}  // namespace xgate::app
