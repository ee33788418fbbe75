// SPDX-License-Identifier: Apache-2.0
#include "directory/reading.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "pg/array.hpp"
#include "protocol/identity.hpp"

namespace xgate::directory {
namespace {

constexpr std::string_view products_sql =
    "SELECT p.product_id, p.open_id, p.product_key, p.auth_type, p.enabled AND v.enabled, "
    "p.encrypted, p.allow_hash, p.require_type_1, coalesce(p.messages_per_second, 0), "
    "coalesce(p.bytes_per_second, 0) FROM product p JOIN vendor v USING (open_id)";

// the columns of DeviceRow, in its order
constexpr const char* copy_devices_sql =
    "COPY (SELECT d.product_id, d.node_eui, d.device_secret, d.enabled, d.revision, "
    "d.device_id & 16777215, "
    "coalesce(floor(extract(epoch FROM p.offline_at))::bigint, 0), "
    "coalesce(p.last_type1_timestamp, 0), coalesce(p.type1_used, -1) "
    "FROM device d LEFT JOIN presence p USING (device_id)) TO STDOUT";

constexpr std::string_view some_devices_sql =
    "SELECT d.product_id, d.node_eui, d.device_secret, d.enabled, d.revision, "
    "d.device_id & 16777215, "
    "coalesce(floor(extract(epoch FROM p.offline_at))::bigint, 0), "
    "coalesce(p.last_type1_timestamp, 0), coalesce(p.type1_used, -1) "
    "FROM unnest($1::text[], $2::text[]) AS asked (product_id, node_eui) "
    "JOIN device d USING (product_id, node_eui) LEFT JOIN presence p USING (device_id)";

constexpr auto rights_sql = R"(
SELECT current_user, CASE WHEN r.rolsuper THEN 'is a superuser' WHEN EXISTS (
    SELECT FROM pg_class c
    WHERE c.relnamespace = quote_ident(current_schema())::regnamespace AND c.relkind IN ('r', 'p')
      AND NOT c.relispartition
      AND has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')) THEN 'may write' END
FROM pg_roles r WHERE r.rolname = current_user)";

constexpr std::size_t device_columns = 9;
using DeviceRow = std::array<std::string_view, device_columns>;

std::int64_t number(std::string_view text) noexcept {
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

/// Nothing for a row that the schema's constraints should have refused.
std::optional<std::pair<DeviceKey, Device>> parse(const DeviceRow& row) noexcept {
  const auto key = DeviceKey::from(row[0], row[1]);
  const auto secret = protocol::aes_key_from_hex(row[2]);
  if (!key || !secret) return std::nullopt;
  Device device;
  device.secret = *secret;
  device.enabled = row[3] == "t";
  device.revision = number(row[4]);
  device.registration = static_cast<std::uint32_t>(number(row[5]));
  device.last_offline_s = number(row[6]);
  device.used = {number(row[7]), static_cast<std::uint64_t>(number(row[8]))};
  return std::pair{*key, device};
}

/// No value of these columns holds a character that COPY escapes.
DeviceRow split(std::string_view line) noexcept {
  DeviceRow row{};
  for (auto& field : row) {
    const auto tab = line.find('\t');
    field = line.substr(0, tab);
    line = tab == std::string_view::npos ? std::string_view() : line.substr(tab + 1);
  }
  return row;
}

}  // namespace

pg::Result<std::shared_ptr<const Products>> read_products(pg::Connection& connection) {
  const auto rows = connection.exec(products_sql, {});
  if (!rows) return tl::unexpected(rows.error());
  std::vector<Product> products;
  products.reserve(static_cast<std::size_t>(rows->size()));
  for (int row = 0; row < rows->size(); ++row) {
    const auto auth_type = protocol::auth_type_from(rows->int64(row, 3));
    if (!auth_type) continue;
    products.push_back({std::string(rows->text(row, 0)), std::string(rows->text(row, 1)),
                        std::string(rows->text(row, 2)), *auth_type, rows->boolean(row, 4),
                        rows->boolean(row, 5), rows->boolean(row, 6), rows->boolean(row, 7),
                        rows->int64(row, 8), rows->int64(row, 9)});
  }
  return std::make_shared<const Products>(std::move(products));
}

pg::Result<std::shared_ptr<const DeviceTable>> read_all_devices(pg::Connection& connection) {
  DeviceTable::Builder builder;
  const auto copied = connection.copy_out(copy_devices_sql, [&](std::string_view line) {
    if (const auto device = parse(split(line))) builder.add(device->first, device->second);
  });
  if (!copied) return tl::unexpected(copied.error());
  return std::move(builder).finish();
}

pg::Result<void> read_devices(pg::Connection& connection, const std::vector<DeviceKey>& keys,
                              Overlay& overlay) {
  pg::ArrayBuilder products;
  pg::ArrayBuilder nodes;
  for (const auto& key : keys) {
    products.add(key.product_id());
    nodes.add(key.node_eui());
  }
  const auto rows = connection.exec(some_devices_sql, {products.take(), nodes.take()});
  if (!rows) return tl::unexpected(rows.error());
  for (const auto& key : keys) overlay.insert_or_assign(key, std::nullopt);
  for (int row = 0; row < rows->size(); ++row) {
    DeviceRow fields{};
    for (std::size_t column = 0; column < device_columns; ++column) {
      fields[column] = rows->text(row, static_cast<int>(column));
    }
    if (const auto device = parse(fields)) {
      overlay.insert_or_assign(device->first, device->second);
    }
  }
  return {};
}

pg::Result<std::string> find_excess_rights(pg::Connection& connection) {
  const auto rows = connection.exec(rights_sql, {});
  if (!rows) return tl::unexpected(rows.error());
  if (rows->size() == 0 || rows->is_null(0, 1)) return std::string();
  return "the plugin's database role \"" + std::string(rows->text(0, 0)) + "\" " +
         std::string(rows->text(0, 1)) +
         ", where it needs to read a few columns only: operations.md, \"Roles of the database\"";
}

}  // namespace xgate::directory
