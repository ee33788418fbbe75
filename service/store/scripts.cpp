// SPDX-License-Identifier: Apache-2.0
#include "service/store/scripts.hpp"

#include <utility>

#include "pg/array.hpp"
#include "service/store/rfc3339.hpp"

namespace xgate::store {
namespace {

#define SCRIPT_COLUMNS "product_id, version, source, " XGATE_RFC3339("created_at")

constexpr auto newest_sql =
    "SELECT " SCRIPT_COLUMNS " FROM script WHERE product_id = $1 ORDER BY version DESC LIMIT 1";
constexpr auto version_sql =
    "SELECT " SCRIPT_COLUMNS " FROM script WHERE product_id = $1 AND version = $2";
// Whoever saves a script of the product at the same time waits here.
constexpr auto lock_products_row_sql =
    "SELECT FROM product WHERE product_id = $1 FOR NO KEY UPDATE";
constexpr auto insert_script_sql =
    "INSERT INTO script (product_id, version, source) "
    "SELECT $1, coalesce(max(version), 0) + 1, $2 FROM script WHERE product_id = $1 "
    "RETURNING " SCRIPT_COLUMNS;
constexpr auto products_sql = R"(
SELECT p.product_id, p.encrypted, s.script_id, s.version
FROM product p
LEFT JOIN LATERAL (SELECT script_id, version FROM script WHERE product_id = p.product_id
                   ORDER BY version DESC LIMIT 1) s ON true
WHERE p.product_id = ANY($1::text[]))";
constexpr auto source_sql = "SELECT source FROM script WHERE script_id = $1";

ScriptRecord script_of(const pg::Rows& rows) {
  return {.product_id = std::string(rows.text(0, 0)),
          .version = rows.int64(0, 1),
          .source = std::string(rows.text(0, 2)),
          .created_at = std::string(rows.text(0, 3)),
          .is_new = false};
}

pg::Result<std::optional<ScriptRecord>> first_of(const pg::Result<pg::Rows>& rows) {
  if (!rows) {
    return tl::unexpected(rows.error());
  }
  return rows->size() == 0 ? std::nullopt : std::optional(script_of(*rows));
}

}  // namespace

pg::Result<std::optional<ScriptRecord>> find_script(pg::Connection& connection,
                                                    std::string_view product_id,
                                                    std::optional<std::int64_t> version) {
  const std::string id(product_id);
  return first_of(version ? connection.exec(version_sql, {id, std::to_string(*version)})
                          : connection.exec(newest_sql, {id}));
}

pg::Result<std::optional<ScriptRecord>> save_script(pg::Connection& connection,
                                                    std::string_view product_id,
                                                    std::string_view source) {
  auto transaction = pg::Transaction::begin(connection);
  if (!transaction) {
    return tl::unexpected(transaction.error());
  }
  const auto product = connection.exec(lock_products_row_sql, {std::string(product_id)});
  if (!product) {
    return tl::unexpected(product.error());
  }
  if (product->size() == 0) {
    return std::nullopt;
  }
  auto saved = find_script(connection, product_id);
  if (saved && (!*saved || (*saved)->source != source)) {
    saved = first_of(
        connection.exec(insert_script_sql, {std::string(product_id), std::string(source)}));
    if (saved && *saved) (*saved)->is_new = true;
  }
  if (!saved) {
    return saved;
  }
  if (auto committed = transaction->commit(); !committed) {
    return tl::unexpected(committed.error());
  }
  return saved;
}

pg::Result<std::optional<script::Program>> newest_script(pg::Connection& connection,
                                                         std::string_view product_id) {
  auto found = find_script(connection, product_id);
  if (!found) {
    return tl::unexpected(found.error());
  }
  if (!*found) {
    return std::nullopt;
  }
  return script::Program{
      .product_id = std::move((*found)->product_id),
      .version = (*found)->version,
      .source = std::make_shared<const std::string>(std::move((*found)->source))};
}

pg::Result<std::map<std::string, HexProduct, std::less<>>> ScriptCache::read(
    pg::Connection& connection, const std::set<std::string, std::less<>>& product_ids) {
  std::map<std::string, HexProduct, std::less<>> products;
  pg::ArrayBuilder ids;
  for (const std::string& id : product_ids) {
    ids.add(id);
  }
  const auto rows = connection.exec(products_sql, {ids.take()});
  if (!rows) {
    return tl::unexpected(rows.error());
  }
  for (int i = 0; i < rows->size(); ++i) {
    std::string id(rows->text(i, 0));
    HexProduct product{.encrypted = rows->boolean(i, 1), .program = std::nullopt};
    if (!rows->is_null(i, 2)) {
      auto source = source_of(connection, id, rows->int64(i, 2));
      if (!source) {
        return tl::unexpected(source.error());
      }
      product.program = script::Program{id, rows->int64(i, 3), std::move(*source)};
    }
    products.emplace(std::move(id), std::move(product));
  }
  return products;
}

pg::Result<std::shared_ptr<const std::string>> ScriptCache::source_of(pg::Connection& connection,
                                                                      const std::string& product_id,
                                                                      std::int64_t script_id) {
  Known& known = known_[product_id];
  if (known.script_id == script_id && known.source) {
    return known.source;
  }
  const auto rows = connection.exec(source_sql, {std::to_string(script_id)});
  if (!rows) {
    return tl::unexpected(rows.error());
  }
  // Deleted with its product a moment ago: what it would parse has no product either.
  const std::string_view text = rows->size() == 0 ? std::string_view() : rows->text(0, 0);
  known = {script_id, std::make_shared<const std::string>(text)};
  return known.source;
}

}  // namespace xgate::store
