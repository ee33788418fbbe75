// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pg/connection.hpp"
#include "service/store/scope.hpp"

// Vendors, products and devices, as people and the API administer them. Times are RFC 3339 UTC.
namespace xgate::store {

struct VendorRecord {
  std::string open_id;
  std::string name;
  bool enabled = true;
  std::string created_at;
};

struct ProductRecord {
  std::string product_id;
  std::string open_id;
  std::string name;
  std::string product_key;
  int auth_type = 0;
  std::string kind;
  bool encrypted = false;
  bool enabled = true;
  std::string version = "2.0";
  std::int64_t key_lifetime_s = 172800;
  std::optional<std::string> key_reading;
  std::optional<bool> reveal_device_secret;
  std::string reauth = "always";
  bool accept_plaintext = false;
  bool allow_hash = false;
  std::string topic_names = "section";
  std::string model_violations = "reject";
  std::optional<std::int64_t> registration_quota = 100'000;          ///< unset: no limit (AUTH-7)
  std::optional<std::int64_t> registration_rate_per_minute = 6'000;  ///< likewise
  std::string down_id_length = "short";                              ///< or "long" (OTA-1)
  std::string hex_case = "lower";                   ///< or "upper": of what goes down (HEX-2)
  bool require_type_1 = false;                      ///< logins of type 0 are refused (V2-3)
  std::optional<std::int64_t> messages_per_second;  ///< of a device (LIMIT-1); unset: the broker's
  std::optional<std::int64_t> bytes_per_second;     ///< LIMIT-2
  std::int64_t self_registered = 0;  ///< devices that have registered themselves; only read
  std::string created_at;
  std::string updated_at;
};

struct Firmware {
  std::string module;
  std::string hard_ver;
  std::string soft_ver;
  std::string reported_at;
};

struct DeviceRecord {
  std::string open_id;
  std::string product_id;
  std::string product_key;
  bool require_type_1 = false;  ///< the product's
  std::string node_eui;
  std::string device_secret;
  std::string state;  ///< "unactivated", "online", "offline", "disabled" (ID-7)
  bool online = false;
  bool enabled = true;
  std::string registered_by;
  std::string registered_at;
  std::int64_t registered_at_s = 0;
  std::optional<std::string> activated_at;
  std::optional<std::string> online_at;
  std::optional<std::string> offline_at;
  std::optional<std::string> broker;
  std::optional<std::string> address;
  std::optional<std::string> key_reading;  ///< that the device was seen to follow (ENC-2)
  std::string topic_names;                 ///< likewise (TOPIC-4); empty: not seen yet
  std::vector<Firmware> firmware;
};

/// A part of a list in the order of its key, after the one named.
struct Page {
  std::string after;  ///< empty: from the beginning
  int limit = 100;
};

/// Undone where it fails, also within another transaction, which then goes on.
pg::Result<VendorRecord> insert_vendor(pg::Connection& connection, const VendorRecord& vendor);
pg::Result<std::optional<VendorRecord>> find_vendor(pg::Connection& connection,
                                                    const std::string& open_id);
pg::Result<std::optional<VendorRecord>> update_vendor(pg::Connection& connection,
                                                      const VendorRecord& vendor);
/// A product's scope has no vendor.
pg::Result<std::vector<VendorRecord>> list_vendors(pg::Connection& connection, const Scope& scope,
                                                   const Page& page);
/// The vendor whose OpenID is this one in another case, where there is none of just this one.
pg::Result<std::optional<std::string>> vendor_in_another_case(pg::Connection& connection,
                                                              const std::string& open_id);

/// As insert_vendor().
pg::Result<ProductRecord> insert_product(pg::Connection& connection, const ProductRecord& product);
pg::Result<std::optional<ProductRecord>> find_product(pg::Connection& connection,
                                                      const std::string& product_id);
/// Locked until the transaction ends, for update_product.
pg::Result<std::optional<ProductRecord>> lock_product(pg::Connection& connection,
                                                      const std::string& product_id);
/// Everything but the ids and times.
pg::Result<ProductRecord> update_product(pg::Connection& connection, const ProductRecord& product);
pg::Result<bool> delete_product(pg::Connection& connection, const std::string& product_id);
/// Those within `scope`; `open_id` empty: of every vendor.
pg::Result<std::vector<ProductRecord>> list_products(pg::Connection& connection, const Scope& scope,
                                                     const std::string& open_id, const Page& page);
/// As vendor_in_another_case().
pg::Result<std::optional<std::string>> product_in_another_case(pg::Connection& connection,
                                                               const std::string& product_id);

pg::Result<void> insert_device(pg::Connection& connection, const std::string& product_id,
                               const std::string& node_eui, const std::string& device_secret);
pg::Result<std::optional<DeviceRecord>> find_device(pg::Connection& connection,
                                                    const std::string& product_id,
                                                    const std::string& node_eui);
/// `state` empty: in any. By node_eui.
pg::Result<std::vector<DeviceRecord>> list_devices(pg::Connection& connection,
                                                   const std::string& product_id,
                                                   const std::string& state, const Page& page);
/// false: no such device. Who enables it again wants it to get in: nothing is held against it any
/// more (V2-6). In a transaction.
pg::Result<bool> enable_device(pg::Connection& connection, const std::string& product_id,
                               const std::string& node_eui, bool enabled);
/// AUTH-11: as if it had never been activated; its registration and secret stay. In a transaction.
/// How many key updates that cancels; nothing: there is no such device.
pg::Result<std::optional<std::int64_t>> reset_device(pg::Connection& connection,
                                                     const std::string& product_id,
                                                     const std::string& node_eui);
pg::Result<bool> delete_device(pg::Connection& connection, const std::string& product_id,
                               const std::string& node_eui);

struct ImportedDevice {
  std::string product_id;
  std::string node_eui;
  std::string device_secret;
};
/// Inserts those that are new. Of each: empty when it was inserted, else the secret it already has.
pg::Result<std::vector<std::string>> import_devices(pg::Connection& connection,
                                                    const std::vector<ImportedDevice>& devices);

}  // namespace xgate::store
