// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <utility>

#include "service/store/registry.hpp"
#include "service/store/rfc3339.hpp"

namespace xgate::store {
namespace {

#define PRODUCT_COLUMNS \
  "product_id, open_id, name, product_key, auth_type, kind, encrypted, enabled, version, "    \
  "key_lifetime_s, key_reading, reveal_device_secret, reauth, accept_plaintext, allow_hash, " \
  "topic_names, model_violations, registration_quota, registration_rate_per_minute, "         \
  "down_id_length, hex_case, require_type_1, "                                                \
  "coalesce((SELECT r.devices FROM registration r WHERE r.product_id = product.product_id), " \
  "0), " XGATE_RFC3339("created_at") ", " XGATE_RFC3339("updated_at") ", "                     \
  "messages_per_second, bytes_per_second"

constexpr auto insert_product_sql =
    "INSERT INTO product (product_id, open_id, name, product_key, auth_type, kind, encrypted, "
    "enabled, version, key_lifetime_s, key_reading, reveal_device_secret, reauth, "
    "accept_plaintext, allow_hash, topic_names, model_violations, registration_quota, "
    "registration_rate_per_minute, down_id_length, hex_case, require_type_1, messages_per_second, "
    "bytes_per_second) "
    "VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,$20,$21,$22,$23,"
    "$24) "
    "RETURNING " PRODUCT_COLUMNS;
constexpr auto update_product_sql =
    "UPDATE product SET name = $3, product_key = $4, auth_type = $5, kind = $6, encrypted = $7, "
    "enabled = $8, version = $9, key_lifetime_s = $10, key_reading = $11, "
    "reveal_device_secret = $12, reauth = $13, accept_plaintext = $14, allow_hash = $15, "
    "topic_names = $16, model_violations = $17, registration_quota = $18, "
    "registration_rate_per_minute = $19, down_id_length = $20, hex_case = $21, "
    "require_type_1 = $22, messages_per_second = $23, bytes_per_second = $24, updated_at = now() "
    "WHERE product_id = $1 AND open_id = $2 RETURNING " PRODUCT_COLUMNS;
constexpr auto find_product_sql = "SELECT " PRODUCT_COLUMNS " FROM product WHERE product_id = $1";
constexpr auto lock_product_sql =
    "SELECT " PRODUCT_COLUMNS " FROM product WHERE product_id = $1 FOR NO KEY UPDATE";
constexpr auto delete_product_sql = "DELETE FROM product WHERE product_id = $1";
constexpr auto list_products_sql =
    "SELECT " PRODUCT_COLUMNS
    " FROM product WHERE product_id > $1 AND ($2 = '' OR open_id = $2) AND "
    "in_scope(open_id, product_id, $4, $5) "
    "ORDER BY product_id LIMIT $3";
constexpr auto product_in_another_case_sql =
    "SELECT product_id FROM product WHERE lower(product_id) = lower($1) "
    "AND NOT EXISTS (SELECT FROM product WHERE product_id = $1) LIMIT 1";

ProductRecord product_record_of(const pg::Rows& rows, int row) {
  const auto text = [&](int column) { return std::string(rows.text(row, column)); };
  ProductRecord product;
  product.registration_quota.reset();
  product.registration_rate_per_minute.reset();
  product.product_id = text(0);
  product.open_id = text(1);
  product.name = text(2);
  product.product_key = text(3);
  product.auth_type = static_cast<int>(rows.int64(row, 4));
  product.kind = text(5);
  product.encrypted = rows.boolean(row, 6);
  product.enabled = rows.boolean(row, 7);
  product.version = text(8);
  product.key_lifetime_s = rows.int64(row, 9);
  product.key_reading = rows.optional_text(row, 10);
  if (!rows.is_null(row, 11)) product.reveal_device_secret = rows.boolean(row, 11);
  product.reauth = text(12);
  product.accept_plaintext = rows.boolean(row, 13);
  product.allow_hash = rows.boolean(row, 14);
  product.topic_names = text(15);
  product.model_violations = text(16);
  if (!rows.is_null(row, 17)) product.registration_quota = rows.int64(row, 17);
  if (!rows.is_null(row, 18)) product.registration_rate_per_minute = rows.int64(row, 18);
  product.down_id_length = text(19);
  product.hex_case = text(20);
  product.require_type_1 = rows.boolean(row, 21);
  product.self_registered = rows.int64(row, 22);
  product.created_at = text(23);
  product.updated_at = text(24);
  if (!rows.is_null(row, 25)) product.messages_per_second = rows.int64(row, 25);
  if (!rows.is_null(row, 26)) product.bytes_per_second = rows.int64(row, 26);
  return product;
}

pg::Param flag(bool value) { return value ? "t" : "f"; }

pg::Param number(const std::optional<std::int64_t>& value) {
  return value ? pg::Param(std::to_string(*value)) : std::nullopt;
}

std::array<pg::Param, 24> params_of(const ProductRecord& product) {
  const auto& reveal = product.reveal_device_secret;
  return {product.product_id,
          product.open_id,
          product.name,
          product.product_key,
          std::to_string(product.auth_type),
          product.kind,
          flag(product.encrypted),
          flag(product.enabled),
          product.version,
          std::to_string(product.key_lifetime_s),
          product.key_reading,
          reveal ? flag(*reveal) : std::nullopt,
          product.reauth,
          flag(product.accept_plaintext),
          flag(product.allow_hash),
          product.topic_names,
          product.model_violations,
          number(product.registration_quota),
          number(product.registration_rate_per_minute),
          product.down_id_length,
          product.hex_case,
          flag(product.require_type_1),
          number(product.messages_per_second),
          number(product.bytes_per_second)};
}

pg::Result<std::optional<ProductRecord>> first_product(pg::Result<pg::Rows> rows) {
  if (!rows) return tl::unexpected(std::move(rows).error());
  if (rows->size() == 0) return std::nullopt;
  return product_record_of(*rows, 0);
}

}  // namespace

pg::Result<ProductRecord> insert_product(pg::Connection& connection, const ProductRecord& product) {
  auto transaction = pg::Transaction::begin(connection);
  if (!transaction) return tl::unexpected(std::move(transaction).error());
  auto rows = connection.exec(insert_product_sql, params_of(product));
  if (!rows) return tl::unexpected(std::move(rows).error());
  if (auto done = transaction->commit(); !done) return tl::unexpected(std::move(done).error());
  return product_record_of(*rows, 0);
}

pg::Result<std::optional<ProductRecord>> find_product(pg::Connection& connection,
                                                      const std::string& product_id) {
  return first_product(connection.exec(find_product_sql, {product_id}));
}

pg::Result<std::optional<ProductRecord>> lock_product(pg::Connection& connection,
                                                      const std::string& product_id) {
  return first_product(connection.exec(lock_product_sql, {product_id}));
}

pg::Result<ProductRecord> update_product(pg::Connection& connection, const ProductRecord& product) {
  auto rows = connection.exec(update_product_sql, params_of(product));
  if (!rows) return tl::unexpected(std::move(rows).error());
  if (rows->size() == 0) return product;  // it was locked: cannot happen
  return product_record_of(*rows, 0);
}

pg::Result<bool> delete_product(pg::Connection& connection, const std::string& product_id) {
  auto rows = connection.exec(delete_product_sql, {product_id});
  if (!rows) return tl::unexpected(std::move(rows).error());
  return rows->affected() > 0;
}

pg::Result<std::vector<ProductRecord>> list_products(pg::Connection& connection, const Scope& scope,
                                                     const std::string& open_id, const Page& page) {
  auto rows = connection.exec(list_products_sql, {page.after, open_id, std::to_string(page.limit),
                                                  scope.open_id, scope.product_id});
  if (!rows) return tl::unexpected(std::move(rows).error());
  std::vector<ProductRecord> products;
  products.reserve(static_cast<std::size_t>(rows->size()));
  for (int i = 0; i < rows->size(); ++i) products.push_back(product_record_of(*rows, i));
  return products;
}

pg::Result<std::optional<std::string>> product_in_another_case(pg::Connection& connection,
                                                               const std::string& product_id) {
  auto rows = connection.exec(product_in_another_case_sql, {product_id});
  if (!rows) return tl::unexpected(std::move(rows).error());
  if (rows->size() == 0) return std::nullopt;
  return std::string(rows->text(0, 0));
}

}  // namespace xgate::store
