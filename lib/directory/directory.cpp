// SPDX-License-Identifier: Apache-2.0
#include "directory/directory.hpp"

#include <utility>

namespace xgate::directory {

Directory::~Directory() { exchange_->retire(std::move(current_)); }

std::optional<Changes> Directory::adopt() {
  auto offered = exchange_->take();
  if (!offered) return std::nullopt;
  Changes changes = std::move(offered->changes);
  std::swap(current_, offered);
  exchange_->retire(std::move(offered));
  forget_what_was_read(changes);
  return changes;
}

// A device that was told was committed before it was told. So a reading that began afterwards
// saw it, or saw that it is gone again; either way the snapshot is right from then on.
void Directory::forget_what_was_read(const Changes& changes) {
  if (told_.empty()) return;
  if (changes.all_devices) {
    boost::unordered::erase_if(
        told_, [&](const auto& entry) { return entry.second.at < *changes.all_devices; });
  }
  for (const auto& [key, read_at] : changes.devices) {
    if (const auto found = told_.find(key); found != told_.end() && found->second.at < read_at) {
      told_.erase(found);
    }
  }
}

const Product* Directory::product(std::string_view product_id) const noexcept {
  return current_ ? current_->snapshot.products->find(product_id) : nullptr;
}

std::optional<Device> Directory::device(const DeviceKey& key) const noexcept {
  auto known = current_ ? current_->snapshot.find(key) : std::nullopt;
  if (told_.empty()) return known;
  const auto told = told_.find(key);
  if (told == told_.end()) return known;
  if (known && known->revision >= told->second.device.revision) return known;
  auto device = told->second.device;
  if (known) {
    device.last_offline_s = known->last_offline_s;
    device.used = known->used;
  }
  return device;
}

bool Directory::know(const DeviceKey& key, const Device& device, Moment now) {
  const auto known = this->device(key);
  if (known && known->revision >= device.revision) return false;
  told_.insert_or_assign(key, Told{device, now});
  return true;
}

}  // namespace xgate::directory
