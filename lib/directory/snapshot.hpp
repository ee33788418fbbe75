// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "directory/device_table.hpp"
#include "protocol/identity.hpp"

namespace xgate::directory {

/// What the plugin must know of a product.
struct Product {
  std::string product_id;
  std::string open_id;
  std::string product_key;  ///< 32 hex digits, exactly as issued
  protocol::AuthType auth_type = protocol::AuthType::product_secret_unregistered;
  bool enabled = false;  ///< the product and its vendor
  bool encrypted = false;
  bool allow_hash = false;
  bool require_type_1 = false;
  std::int64_t messages_per_second = 0;  ///< of a device (LIMIT-1); 0: the broker's setting holds
  std::int64_t bytes_per_second = 0;     ///< LIMIT-2
  bool operator==(const Product&) const = default;
};

/// Every product; there are few, and they change rarely. Sorted by ProductID.
class Products {
 public:
  Products() = default;
  explicit Products(std::vector<Product> products);
  const Product* find(std::string_view product_id) const noexcept;
  const std::vector<Product>& all() const noexcept { return products_; }

 private:
  std::vector<Product> products_;
};

/// What changed since the table was made, so that one device's change copies no million rows.
/// Nothing in the place of a device: it was deleted.
using Overlay = boost::unordered_flat_map<DeviceKey, std::optional<Device>, DeviceKeyHash>;

/// Who exists, immutable. Copies share.
struct Snapshot {
  std::shared_ptr<const Products> products = std::make_shared<const Products>();
  std::shared_ptr<const DeviceTable> table = std::make_shared<const DeviceTable>();
  std::shared_ptr<const Overlay> overlay = std::make_shared<const Overlay>();

  std::optional<Device> find(const DeviceKey& key) const noexcept;
};

/// The same devices with nothing in the overlay.
Snapshot merged(const Snapshot& snapshot);

using Moment = std::chrono::steady_clock::time_point;

/// What a snapshot changed against the one before it.
struct Changes {
  struct OneDevice {
    DeviceKey key;
    Moment read_at;  ///< before it was read
  };
  bool products = false;
  std::optional<Moment> all_devices;  ///< every device was read anew, from this moment on
  std::vector<OneDevice> devices;
  // Not of the directory: what an operator wants of every broker, in order with what changed.
  std::vector<DeviceKey> kicks;    ///< live sessions to end
  std::vector<DeviceKey> unlocks;  ///< failed logins to forget (V2-6)

  bool empty() const noexcept {
    return !products && !all_devices && devices.empty() && kicks.empty() && unlocks.empty();
  }
  void append(Changes later);
};

}  // namespace xgate::directory
