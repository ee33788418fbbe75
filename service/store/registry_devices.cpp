// SPDX-License-Identifier: Apache-2.0
#include <unordered_map>
#include <utility>

#include "pg/array.hpp"
#include "service/store/brokers.hpp"
#include "service/store/readings.hpp"
#include "service/store/registry.hpp"
#include "service/store/rfc3339.hpp"
#include "service/store/session_keys.hpp"

namespace xgate::store {
namespace {

// ID-7's state of a device; its words are those of protocol::DeviceState.
#define DEVICE_STATE                                                     \
  "CASE WHEN NOT d.enabled THEN 'disabled' WHEN s.online THEN 'online' " \
  "WHEN s.activated_at IS NULL THEN 'unactivated' ELSE 'offline' END"

// Firmware comes as one array a column, for a second statement would be one a device.
#define DEVICE_SELECT \
  "SELECT p.open_id, d.product_id, p.product_key, d.node_eui, d.device_secret, " DEVICE_STATE     \
  ", coalesce(s.online, false), d.enabled, d.registered_by, " XGATE_RFC3339("d.registered_at")    \
  ", extract(epoch FROM d.registered_at)::bigint, " XGATE_RFC3339("s.activated_at")               \
  ", " XGATE_RFC3339("s.online_at") ", " XGATE_RFC3339("s.offline_at") ", s.broker, s.address, "  \
  "d.device_id, r.key_reading, coalesce(r.heard_names, ''), coalesce(r.acked_names, ''), "        \
  "p.require_type_1 "                                                                             \
  "FROM device d JOIN product p USING (product_id) "                                              \
  "LEFT JOIN device_reading r ON r.device_id = d.device_id "                                      \
  "LEFT JOIN presence s ON s.device_id = d.device_id "

constexpr auto find_device_sql = DEVICE_SELECT "WHERE d.product_id = $1 AND d.node_eui = $2";
constexpr auto list_devices_sql =
    DEVICE_SELECT "WHERE d.product_id = $1 AND d.node_eui > $2 ORDER BY d.node_eui LIMIT $3";
constexpr auto list_state_sql =
    DEVICE_SELECT "WHERE d.product_id = $1 AND d.node_eui > $2 AND " DEVICE_STATE
                  " = $4 ORDER BY d.node_eui LIMIT $3";
constexpr auto firmware_sql = "SELECT device_id, module, hard_ver, soft_ver, " XGATE_RFC3339(
    "reported_at") " FROM firmware WHERE device_id = ANY($1::bigint[]) ORDER BY device_id, module";
constexpr auto insert_device_sql =
    "INSERT INTO device (product_id, node_eui, device_secret, registered_by) "
    "VALUES ($1, $2, $3, 'api')";
constexpr auto exists_sql = "SELECT 1 FROM device WHERE product_id = $1 AND node_eui = $2";
constexpr auto enable_sql =
    "UPDATE device SET enabled = $3 WHERE product_id = $1 AND node_eui = $2 AND (enabled <> $3 OR "
    "$3)";
// An UPDATE that changes nothing still gives the row a new revision and tells the plugins.
constexpr auto touch_sql =
    "UPDATE device SET enabled = enabled WHERE product_id = $1 AND node_eui = $2 "
    "RETURNING device_id";
constexpr auto reset_presence_sql =
    "UPDATE presence SET activated_at = NULL, offline_at = NULL, last_type1_timestamp = 0, "
    "type1_used = -1 "
    "WHERE device_id = $1";
constexpr auto delete_device_sql = "DELETE FROM device WHERE product_id = $1 AND node_eui = $2";
constexpr auto import_sql =
    "INSERT INTO device (product_id, node_eui, device_secret, registered_by) "
    "SELECT p, n, s, 'import' FROM unnest($1::text[], $2::text[], $3::text[]) AS x(p, n, s) "
    "ON CONFLICT DO NOTHING RETURNING product_id, node_eui";
constexpr auto secrets_sql =
    "SELECT product_id, node_eui, device_secret FROM device "
    "JOIN unnest($1::text[], $2::text[]) AS x(p, n) ON product_id = p AND node_eui = n";

DeviceRecord device_of(const pg::Rows& rows, int row) {
  const auto text = [&](int column) { return std::string(rows.text(row, column)); };
  DeviceRecord device;
  device.open_id = text(0);
  device.product_id = text(1);
  device.product_key = text(2);
  device.node_eui = text(3);
  device.device_secret = text(4);
  device.state = text(5);
  device.online = rows.boolean(row, 6);
  device.enabled = rows.boolean(row, 7);
  device.registered_by = text(8);
  device.registered_at = text(9);
  device.registered_at_s = rows.int64(row, 10);
  device.activated_at = rows.optional_text(row, 11);
  device.online_at = rows.optional_text(row, 12);
  device.offline_at = rows.optional_text(row, 13);
  device.broker = rows.optional_text(row, 14);
  device.address = rows.optional_text(row, 15);
  device.key_reading = rows.optional_text(row, 17);
  device.topic_names = topic_names_of(text(18), text(19));
  device.require_type_1 = rows.boolean(row, 20);
  return device;
}

pg::Result<std::vector<DeviceRecord>> with_firmware(pg::Connection& connection,
                                                    pg::Result<pg::Rows> rows) {
  if (!rows) return tl::unexpected(std::move(rows).error());
  std::vector<DeviceRecord> devices;
  std::unordered_map<std::int64_t, std::size_t> index;
  pg::ArrayBuilder ids;
  for (int i = 0; i < rows->size(); ++i) {
    index.emplace(rows->int64(i, 16), devices.size());
    ids.add(rows->int64(i, 16));
    devices.push_back(device_of(*rows, i));
  }
  if (devices.empty()) return devices;
  auto firmware = connection.exec(firmware_sql, {ids.take()});
  if (!firmware) return tl::unexpected(std::move(firmware).error());
  for (int i = 0; i < firmware->size(); ++i) {
    const auto text = [&](int column) { return std::string(firmware->text(i, column)); };
    devices[index.at(firmware->int64(i, 0))].firmware.push_back(
        {text(1), text(2), text(3), text(4)});
  }
  return devices;
}

std::string key_of(std::string_view product_id, std::string_view node_eui) {
  return std::string(product_id) + "." + std::string(node_eui);
}

}  // namespace

pg::Result<void> insert_device(pg::Connection& connection, const std::string& product_id,
                               const std::string& node_eui, const std::string& device_secret) {
  auto rows = connection.exec(insert_device_sql, {product_id, node_eui, device_secret});
  if (!rows) return tl::unexpected(std::move(rows).error());
  return {};
}

pg::Result<std::optional<DeviceRecord>> find_device(pg::Connection& connection,
                                                    const std::string& product_id,
                                                    const std::string& node_eui) {
  auto found = with_firmware(connection, connection.exec(find_device_sql, {product_id, node_eui}));
  if (!found) return tl::unexpected(std::move(found).error());
  if (found->empty()) return std::nullopt;
  return std::move(found->front());
}

pg::Result<std::vector<DeviceRecord>> list_devices(pg::Connection& connection,
                                                   const std::string& product_id,
                                                   const std::string& state, const Page& page) {
  const auto limit = std::to_string(page.limit);
  return with_firmware(
      connection, state.empty()
                      ? connection.exec(list_devices_sql, {product_id, page.after, limit})
                      : connection.exec(list_state_sql, {product_id, page.after, limit, state}));
}

pg::Result<bool> enable_device(pg::Connection& connection, const std::string& product_id,
                               const std::string& node_eui, bool enabled) {
  auto rows = connection.exec(enable_sql, {product_id, node_eui, enabled ? "t" : "f"});
  if (!rows) return tl::unexpected(std::move(rows).error());
  if (rows->affected() > 0) {
    if (!enabled) return true;
    auto unlocked = unlock_device(connection, product_id, node_eui);
    if (!unlocked) return tl::unexpected(std::move(unlocked).error());
    return true;
  }
  auto exists = connection.exec(exists_sql, {product_id, node_eui});
  if (!exists) return tl::unexpected(std::move(exists).error());
  return exists->size() > 0;
}

pg::Result<std::optional<std::int64_t>> reset_device(pg::Connection& connection,
                                                     const std::string& product_id,
                                                     const std::string& node_eui) {
  auto touched = connection.exec(touch_sql, {product_id, node_eui});
  if (!touched) return tl::unexpected(std::move(touched).error());
  if (touched->size() == 0) return std::nullopt;
  const std::string device_id(touched->text(0, 0));
  const auto id = touched->int64(0, 0);
  const auto cancelled = cancel_key_updates(connection, {&id, 1}, "the device was reset");
  if (!cancelled) return tl::unexpected(cancelled.error());
  if (auto done = connection.exec(reset_presence_sql, {device_id}); !done) {
    return tl::unexpected(std::move(done).error());
  }
  if (auto done = retire_session_keys(connection, id); !done) {
    return tl::unexpected(std::move(done).error());
  }
  // Its session was built on what is gone now: the device must begin anew (AUTH-11).
  if (auto kicked = kick_device(connection, product_id, node_eui); !kicked) {
    return tl::unexpected(std::move(kicked).error());
  }
  return *cancelled;
}

pg::Result<bool> delete_device(pg::Connection& connection, const std::string& product_id,
                               const std::string& node_eui) {
  auto rows = connection.exec(delete_device_sql, {product_id, node_eui});
  if (!rows) return tl::unexpected(std::move(rows).error());
  return rows->affected() > 0;
}

pg::Result<std::vector<std::string>> import_devices(pg::Connection& connection,
                                                    const std::vector<ImportedDevice>& devices) {
  pg::ArrayBuilder products;
  pg::ArrayBuilder nodes;
  pg::ArrayBuilder secrets;
  std::unordered_map<std::string, std::size_t> index;
  for (const auto& device : devices) {
    index.emplace(key_of(device.product_id, device.node_eui), index.size());
    products.add(device.product_id);
    nodes.add(device.node_eui);
    secrets.add(device.device_secret);
  }
  const auto product_array = products.take();
  const auto node_array = nodes.take();
  auto inserted = connection.exec(import_sql, {product_array, node_array, secrets.take()});
  if (!inserted) return tl::unexpected(std::move(inserted).error());
  std::vector<bool> is_new(devices.size());
  for (int i = 0; i < inserted->size(); ++i) {
    is_new[index.at(key_of(inserted->text(i, 0), inserted->text(i, 1)))] = true;
  }
  std::vector<std::string> existing(devices.size());
  if (inserted->size() == static_cast<int>(devices.size())) return existing;
  auto known = connection.exec(secrets_sql, {product_array, node_array});
  if (!known) return tl::unexpected(std::move(known).error());
  for (int i = 0; i < known->size(); ++i) {
    const auto at = index.at(key_of(known->text(i, 0), known->text(i, 1)));
    if (!is_new[at]) existing[at] = known->text(i, 2);
  }
  return existing;
}

}  // namespace xgate::store
