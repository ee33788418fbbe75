// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>

#include "pg/connection.hpp"
#include "service/store/rows.hpp"

namespace xgate::store {

/// Of a device that is there twice the later row counts.
pg::Result<void> write_readings(pg::Connection& connection, std::span<const ReadingsRow> rows);

/// How many of a product's devices were seen to follow which reading.
struct ReadingCounts {
  std::map<std::string, std::int64_t> key_reading;
  std::map<std::string, std::int64_t> topic_names;  ///< as topic_names_of() says it
};
pg::Result<ReadingCounts> count_readings(pg::Connection& connection, const std::string& product_id);

/// TOPIC-4: whose names a device uses: "section", "table", "both"; empty: not seen yet.
std::string topic_names_of(const std::string& heard_names, const std::string& acked_names);

}  // namespace xgate::store
