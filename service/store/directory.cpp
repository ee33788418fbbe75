// SPDX-License-Identifier: Apache-2.0
#include "service/store/directory.hpp"

#include <utility>

#include "pg/array.hpp"
#include "service/store/columns.hpp"
#include "service/store/models.hpp"
#include "service/store/session_keys.hpp"

namespace xgate::store {
namespace {

// A vendor that is disabled disables its products.
constexpr std::string_view select_products = R"(
SELECT p.product_id, p.open_id, p.product_key, p.auth_type, p.encrypted, p.enabled AND v.enabled,
       p.version, p.key_lifetime_s, p.key_reading, p.reveal_device_secret, p.reauth,
       p.accept_plaintext, p.kind, p.model_id, p.model_violations = 'keep'
FROM product p JOIN vendor v USING (open_id)
WHERE p.product_id = ANY($1::text[]))";

// UNNEST and a join instead of a list of pairs: one plan, whatever the number of devices.
constexpr std::string_view select_devices = R"(
SELECT d.device_id, d.product_id, d.node_eui, d.device_secret, d.enabled,
       p.activated_at IS NOT NULL, d.revision, r.key_reading, coalesce(r.heard_names, ''),
       coalesce(r.acked_names, ''), coalesce(p.online, false), coalesce(p.address, '')
FROM unnest($1::text[], $2::text[]) AS wanted (product_id, node_eui)
JOIN device d USING (product_id, node_eui)
LEFT JOIN presence p USING (device_id)
LEFT JOIN device_reading r USING (device_id))";

Product product_of(const pg::Rows& rows, int row) {
  Product product;
  product.product_id = rows.text(row, 0);
  product.open_id = rows.text(row, 1);
  product.product_key = rows.text(row, 2);
  product.auth_type = protocol::auth_type_from(rows.int64(row, 3)).value_or(product.auth_type);
  product.encrypted = rows.boolean(row, 4);
  product.enabled = rows.boolean(row, 5);
  product.version = rows.text(row, 6);
  product.key_lifetime_s = rows.int64(row, 7);
  if (!rows.is_null(row, 8)) {
    product.key_reading = protocol::key_reading_from(rows.text(row, 8));
  }
  if (!rows.is_null(row, 9)) {
    product.reveal_device_secret = rows.boolean(row, 9);
  }
  product.reauth = protocol::reauth_from(rows.text(row, 10)).value_or(product.reauth);
  product.accept_plaintext = rows.boolean(row, 11);
  product.kind = protocol::product_kind_from(rows.text(row, 12)).value_or(product.kind);
  product.model_id = rows.text(row, 13);
  product.keep_violations = rows.boolean(row, 14);
  return product;
}

pg::Result<void> read_products(pg::Connection& connection, const std::set<DeviceName>& names,
                               State& state) {
  pg::ArrayBuilder ids;
  std::string_view last;
  for (const DeviceName& name : names) {
    if (name.product_id != last) {  // the set is ordered by product
      add_text(ids, std::string_view(name.product_id));
      last = name.product_id;
    }
  }
  const auto rows = connection.exec(select_products, {ids.take()});
  if (!rows) {
    return tl::unexpected(rows.error());
  }
  for (int i = 0; i < rows->size(); ++i) {
    Product product = product_of(*rows, i);
    std::string id = product.product_id;
    state.products.insert_or_assign(std::move(id), std::move(product));
  }
  return {};
}

}  // namespace

pg::Result<void> read_devices(pg::Connection& connection, const std::set<DeviceName>& names,
                              State& state) {
  pg::ArrayBuilder products;
  pg::ArrayBuilder nodes;
  for (const auto& name : names) {
    add_text(products, std::string_view(name.product_id));
    add_text(nodes, std::string_view(name.node_eui));
  }
  const auto rows = connection.exec(select_devices, {products.take(), nodes.take()});
  if (!rows) {
    return tl::unexpected(rows.error());
  }
  for (int i = 0; i < rows->size(); ++i) {
    Device device{
        .device_id = rows->int64(i, 0),
        .product_id = std::string(rows->text(i, 1)),
        .node_eui = std::string(rows->text(i, 2)),
        .device_secret = std::string(rows->text(i, 3)),
        .enabled = rows->boolean(i, 4),
        .activated = rows->boolean(i, 5),
        .online = rows->boolean(i, 10),
        .address = std::string(rows->text(i, 11)),
        .revision = rows->int64(i, 6),
        .readings = {.key_reading = {},
                     .heard_names = std::string(rows->text(i, 8)),
                     .acked_names = std::string(rows->text(i, 9))},
    };
    if (!rows->is_null(i, 7)) {
      device.readings.key_reading = protocol::key_reading_from(rows->text(i, 7));
    }
    DeviceName name{device.product_id, device.node_eui};
    state.devices.insert_or_assign(std::move(name), std::move(device));
  }
  return {};
}

pg::Result<State> read_state(pg::Connection& connection, const std::set<DeviceName>& names,
                             const std::set<std::string, std::less<>>& models_of) {
  State state;
  if (names.empty()) {
    return state;
  }
  if (auto read = read_products(connection, names, state); !read) {
    return tl::unexpected(read.error());
  }
  if (auto read = read_devices(connection, names, state); !read) {
    return tl::unexpected(read.error());
  }
  std::vector<std::int64_t> encrypted;
  for (const auto& [name, device] : state.devices) {
    const Product* product = state.product(name.product_id);
    if (product != nullptr && product->encrypted) {
      encrypted.push_back(device.device_id);
    }
  }
  if (!encrypted.empty()) {
    if (auto read = read_session_keys(connection, encrypted, state); !read) {
      return tl::unexpected(read.error());
    }
  }
  std::vector<const Product*> modelled;
  for (const std::string& product_id : models_of) {
    if (const Product* product = state.product(product_id)) {
      modelled.push_back(product);
    }
  }
  if (auto read = read_models(connection, modelled, state); !read) {
    return tl::unexpected(read.error());
  }
  return state;
}

}  // namespace xgate::store
