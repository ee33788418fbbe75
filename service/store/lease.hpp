// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "pg/connection.hpp"

namespace xgate::store {

/// Takes the right to consume a broker, kept as long as this connection lives: two services on one
/// stored session would steal each other's messages. False: another service holds it.
pg::Result<bool> try_lease(pg::Connection& connection, const std::string& broker);

}  // namespace xgate::store
