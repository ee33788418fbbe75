// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <span>
#include <string_view>

#include "pg/connection.hpp"

namespace xgate::store {

/// One statement whose rows are of no interest.
inline pg::Result<void> run(pg::Connection& connection, std::string_view sql,
                            std::span<const pg::Param> params) {
  if (auto rows = connection.exec(sql, params); !rows) {
    return tl::unexpected(std::move(rows).error());
  }
  return {};
}
inline pg::Result<void> run(pg::Connection& connection, std::string_view sql,
                            std::initializer_list<pg::Param> params) {
  return run(connection, sql, std::span(params.begin(), params.size()));
}

}  // namespace xgate::store
