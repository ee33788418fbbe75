// SPDX-License-Identifier: Apache-2.0
#include "directory/device_table.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <stdexcept>
#include <utility>

namespace xgate::directory {
namespace {

constexpr std::size_t chunk_size = 64 * 1024;
constexpr std::size_t alignment = 4;
constexpr std::size_t places_in_chunk = chunk_size / alignment;

// A record's layout. Times are 32 bits of Unix seconds: good until 2106.
constexpr std::size_t revision_at = 0;
constexpr std::size_t secret_at = 8;
constexpr std::size_t offline_at = 24;
constexpr std::size_t type1_at = 28;
constexpr std::size_t product_at = 32;
constexpr std::size_t flags_at = 40;
constexpr std::size_t node_size_at = 41;
constexpr std::size_t node_at = 42;

constexpr std::size_t stored_size(std::size_t node_size) noexcept {
  return (node_at + node_size + alignment - 1) / alignment * alignment;
}

std::uint32_t seconds32(std::int64_t seconds) noexcept {
  return static_cast<std::uint32_t>(
      std::clamp<std::int64_t>(seconds, 0, std::numeric_limits<std::uint32_t>::max()));
}

template <class T>
T load(const std::byte* from) noexcept {
  T value{};
  std::memcpy(&value, from, sizeof value);
  return value;
}

std::string_view text(const std::byte* from, std::size_t size) noexcept {
  return {reinterpret_cast<const char*>(from), size};
}

}  // namespace

DeviceTable::DeviceTable() = default;

DeviceTable::Record DeviceTable::decode(const std::byte* at) noexcept {
  Record record;
  const auto node_size = static_cast<std::size_t>(at[node_size_at]);
  record.stored_size = stored_size(node_size);
  if (const auto key = DeviceKey::from(text(at + product_at, 8), text(at + node_at, node_size))) {
    record.key = *key;
  }
  auto& device = record.device;
  std::memcpy(device.secret.data(), at + secret_at, device.secret.size());
  device.revision = load<std::int64_t>(at + revision_at);
  device.enabled = at[flags_at] != std::byte{0};
  device.last_offline_s = load<std::uint32_t>(at + offline_at);
  device.last_type1_timestamp = load<std::uint32_t>(at + type1_at);
  return record;
}

const std::byte* DeviceTable::at(std::uint32_t place) const noexcept {
  return chunks_[place / places_in_chunk].bytes.get() + (place % places_in_chunk) * alignment;
}

std::size_t DeviceTable::first_slot(const DeviceKey& key) const noexcept {
  // the high half of the product spreads a hash over a size that is no power of two
  const auto hash = static_cast<std::uint64_t>(hash_value(key));
  return static_cast<std::size_t>(((hash >> 32U) * static_cast<std::uint64_t>(slots_.size())) >>
                                  32U);
}

std::optional<Device> DeviceTable::find(const DeviceKey& key) const noexcept {
  if (slots_.empty()) return std::nullopt;
  for (std::size_t slot = first_slot(key);; slot = slot + 1 == slots_.size() ? 0 : slot + 1) {
    if (slots_[slot] == 0) return std::nullopt;
    const std::byte* record = at(slots_[slot] - 1);
    const auto node_size = static_cast<std::size_t>(record[node_size_at]);
    if (text(record + node_at, node_size) == key.node_eui() &&
        text(record + product_at, 8) == key.product_id()) {
      return decode(record).device;
    }
  }
}

std::size_t DeviceTable::memory_bytes() const noexcept {
  return chunks_.size() * (chunk_size + sizeof(Chunk)) + slots_.capacity() * sizeof(slots_[0]);
}

std::byte* DeviceTable::Builder::allocate(std::size_t size) {
  auto& chunks = table_.chunks_;
  if (chunks.empty() || chunks.back().used + size > chunk_size) {
    if (chunks.size() >= std::numeric_limits<std::uint32_t>::max() / places_in_chunk) {
      throw std::length_error("more devices than the directory can hold");
    }
    chunks.push_back({std::make_unique<std::byte[]>(chunk_size), 0});
  }
  std::byte* at = chunks.back().bytes.get() + chunks.back().used;
  chunks.back().used += size;
  return at;
}

void DeviceTable::Builder::add(const DeviceKey& key, const Device& device) {
  const auto node = key.node_eui();
  std::byte* at = allocate(stored_size(node.size()));
  const std::uint32_t offline = seconds32(device.last_offline_s);
  const std::uint32_t type1 = seconds32(device.last_type1_timestamp);
  std::memcpy(at + revision_at, &device.revision, sizeof device.revision);
  std::memcpy(at + secret_at, device.secret.data(), device.secret.size());
  std::memcpy(at + offline_at, &offline, sizeof offline);
  std::memcpy(at + type1_at, &type1, sizeof type1);
  std::memcpy(at + product_at, key.product_id().data(), 8);
  at[flags_at] = device.enabled ? std::byte{1} : std::byte{0};
  at[node_size_at] = static_cast<std::byte>(node.size());
  std::memcpy(at + node_at, node.data(), node.size());
  ++table_.size_;
}

bool DeviceTable::Builder::add_block(std::span<const std::byte> block) {
  for (std::size_t at = 0; at < block.size();) {
    if (block.size() - at < node_at) return false;
    const auto node_size = static_cast<std::size_t>(block[at + node_size_at]);
    if (block.size() - at < stored_size(node_size)) return false;
    const auto key = DeviceKey::from(text(&block[at + product_at], 8),
                                     text(block.data() + at + node_at, node_size));
    if (!key) return false;
    add(*key, decode(&block[at]).device);
    at += stored_size(node_size);
  }
  return true;
}

std::shared_ptr<const DeviceTable> DeviceTable::Builder::finish() && {
  auto& slots = table_.slots_;
  slots.assign(table_.size_ + table_.size_ / 4 + 1, 0);  // at most 80 % full, never quite full
  for (std::size_t chunk = 0; chunk < table_.chunks_.size(); ++chunk) {
    const auto& bytes = table_.chunks_[chunk];
    for (std::size_t at = 0; at < bytes.used;) {
      const Record record = decode(bytes.bytes.get() + at);
      std::size_t slot = table_.first_slot(record.key);
      while (slots[slot] != 0) slot = slot + 1 == slots.size() ? 0 : slot + 1;
      slots[slot] = static_cast<std::uint32_t>(chunk * places_in_chunk + at / alignment + 1);
      at += record.stored_size;
    }
  }
  return std::make_shared<const DeviceTable>(std::move(table_));
}

}  // namespace xgate::directory
