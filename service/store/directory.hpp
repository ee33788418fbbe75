// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <set>
#include <span>
#include <string>

#include "pg/connection.hpp"
#include "service/store/rows.hpp"

namespace xgate::store {

/// Everything a batch needs to know of these devices: one statement a table, session keys only for
/// those of encrypted products, thing models only of the products in `models_of`.
pg::Result<State> read_state(pg::Connection& connection, const std::set<DeviceName>& names,
                             const std::set<std::string, std::less<>>& models_of = {});

/// AUTH-7: stores those devices that do not exist yet, with the secrets given, and reads every one
/// of them as it now stands: where another registered it first, with the other's secret.
pg::Result<void> register_devices(pg::Connection& connection, State& state,
                                  std::span<const Device> devices);

}  // namespace xgate::store
