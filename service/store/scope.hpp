// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pg/connection.hpp"

// Whose things a token is for.
namespace xgate::store {

/// Of one vendor, of one product, or (neither is set) of the whole platform.
struct Scope {
  std::optional<std::string> open_id = {};
  std::optional<std::string> product_id = {};

  bool is_platform() const noexcept { return !open_id && !product_id; }
};

/// What belongs to a product.
enum class Owned : std::uint8_t { product, command, firmware_image, upgrade_job };
/// Whether it exists and lies within the scope; the two cases where it does not are one. `id` of
/// all but products: a number.
pg::Result<bool> covers(pg::Connection& connection, const Scope& scope, Owned what,
                        const std::string& id);

/// The ids of the products within a scope.
pg::Result<std::vector<std::string>> product_ids(pg::Connection& connection, const Scope& scope);

}  // namespace xgate::store
