// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <set>
#include <string>

#include "pg/connection.hpp"
#include "service/store/rows.hpp"

namespace xgate::store {

/// Everything a batch needs to know of these devices: one statement a table, session keys only for
/// those of encrypted products, thing models only of the products in `models_of`.
pg::Result<State> read_state(pg::Connection& connection, const std::set<DeviceName>& names,
                             const std::set<std::string, std::less<>>& models_of = {});

/// Puts these devices into `state` as they stand now, as far as they exist.
pg::Result<void> read_devices(pg::Connection& connection, const std::set<DeviceName>& names,
                              State& state);

}  // namespace xgate::store
