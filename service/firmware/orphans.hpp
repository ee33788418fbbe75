// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "pg/connection.hpp"
#include "service/firmware/content_store.hpp"

namespace xgate::firmware {

/// Removes the file where no image is made of it any more.
pg::Result<void> remove_if_orphan(pg::Connection& connection, const ContentStore& store,
                                  const std::string& sha256);
/// The same for all there are, and for what a killed service left half written: images go with
/// their product, too. A file that lies there for less than a week stays: a restore may be under
/// way.
pg::Result<void> remove_orphans(pg::Connection& connection, const ContentStore& store);

}  // namespace xgate::firmware
