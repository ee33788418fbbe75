// SPDX-License-Identifier: Apache-2.0
#include "directory/snapshot.hpp"

#include <algorithm>
#include <utility>

namespace xgate::directory {

Products::Products(std::vector<Product> products) : products_(std::move(products)) {
  std::sort(products_.begin(), products_.end(),
            [](const Product& a, const Product& b) { return a.product_id < b.product_id; });
}

const Product* Products::find(std::string_view product_id) const noexcept {
  const auto found = std::lower_bound(
      products_.begin(), products_.end(), product_id,
      [](const Product& product, std::string_view id) { return product.product_id < id; });
  return found != products_.end() && found->product_id == product_id ? &*found : nullptr;
}

std::optional<Device> Snapshot::find(const DeviceKey& key) const noexcept {
  if (const auto changed = overlay->find(key); changed != overlay->end()) return changed->second;
  return table->find(key);
}

Snapshot merged(const Snapshot& snapshot) {
  DeviceTable::Builder builder;
  snapshot.table->for_each([&](const DeviceKey& key, const Device& device) {
    if (!snapshot.overlay->contains(key)) builder.add(key, device);
  });
  for (const auto& [key, device] : *snapshot.overlay) {
    if (device) builder.add(key, *device);
  }
  Snapshot result;
  result.products = snapshot.products;
  result.table = std::move(builder).finish();
  return result;
}

void Changes::append(Changes later) {
  products = products || later.products;
  if (later.all_devices) all_devices = later.all_devices;
  devices.insert(devices.end(), later.devices.begin(), later.devices.end());
  kicks.insert(kicks.end(), later.kicks.begin(), later.kicks.end());
  unlocks.insert(unlocks.end(), later.unlocks.begin(), later.unlocks.end());
}

}  // namespace xgate::directory
