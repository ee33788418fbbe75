// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "directory/snapshot.hpp"
#include "pg/connection.hpp"

// The statements that read the directory.
namespace xgate::directory {

inline constexpr const char* notify_channel = "xgate_directory";

pg::Result<std::shared_ptr<const Products>> read_products(pg::Connection& connection);
pg::Result<std::shared_ptr<const DeviceTable>> read_all_devices(pg::Connection& connection);
/// Sets each of `keys` in `overlay` to what the database says now, or to nothing.
pg::Result<void> read_devices(pg::Connection& connection, const std::vector<DeviceKey>& keys,
                              Overlay& overlay);

/// What the role of this connection may do beyond reading that, in a sentence; empty: nothing.
pg::Result<std::string> find_excess_rights(pg::Connection& connection);

}  // namespace xgate::directory
