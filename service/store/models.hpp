// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pg/connection.hpp"
#include "protocol/thing_model.hpp"
#include "service/store/rows.hpp"

// Products' thing models. Compiled ones are kept by the identity of their version, which is never
// used twice, and shared by every worker and the API: a version is compiled once in the process.
namespace xgate::store {

/// The product's newest thing model, compiled; null: it has none, or does not exist. Thread-safe.
pg::Result<std::shared_ptr<const protocol::ThingModel>> thing_model(pg::Connection& connection,
                                                                    std::string_view product_id);

/// Fills state.models for these products, as state.products names their versions. No statement
/// where each is known already.
pg::Result<void> read_models(pg::Connection& connection,
                             const std::vector<const Product*>& products, State& state);

/// One version as it was written.
struct ModelRecord {
  std::string product_id;
  std::int64_t version = 0;
  std::string document;  ///< JSON text
  std::string created_at;
};
/// `version` unset: the newest.
pg::Result<std::optional<ModelRecord>> find_model(pg::Connection& connection,
                                                  const std::string& product_id,
                                                  std::optional<std::int64_t> version);
/// The next version, which is from now on the product's. In a transaction that holds lock_product.
pg::Result<ModelRecord> insert_model(pg::Connection& connection, const std::string& product_id,
                                     const std::string& document);

}  // namespace xgate::store
