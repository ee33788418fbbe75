// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "pg/connection.hpp"

namespace xgate::store {

/// What the role of this connection may do beyond the service's needs, in a sentence for the log;
/// empty: nothing. A site with one role for all goes on as it is, but is told.
pg::Result<std::string> find_excess_rights(pg::Connection& connection);

}  // namespace xgate::store
