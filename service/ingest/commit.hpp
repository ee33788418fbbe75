// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <initializer_list>

#include "pg/connection.hpp"
#include "service/observe/metrics.hpp"

namespace xgate::ingest {

/// The write set in one transaction: all of it or nothing.
pg::Result<void> commit_all(pg::Connection& connection, observe::Metrics& metrics,
                            std::initializer_list<std::function<pg::Result<void>()>> writes);
pg::Result<void> commit(pg::Transaction& transaction, observe::Metrics& metrics);

}  // namespace xgate::ingest
