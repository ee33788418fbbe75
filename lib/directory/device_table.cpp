// SPDX-License-Identifier: Apache-2.0
#include "directory/device_table.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>
#include <span>
#include <stdexcept>
#include <utility>

namespace xgate::directory {
namespace {

constexpr std::size_t chunk_size = Pages::large_page;
constexpr std::size_t alignment = 4;
constexpr std::size_t places_in_chunk = chunk_size / alignment;

// A record's layout. Times are 32 bits of Unix seconds: good until 2106.
constexpr std::size_t revision_at = 0;
constexpr std::size_t revision_size = 6;
constexpr std::size_t registration_at = 6;
constexpr std::size_t registration_size = 3;
constexpr std::size_t secret_at = 9;
constexpr std::size_t offline_at = 25;
constexpr std::size_t type1_at = 29;
constexpr std::size_t used_at = 33;
constexpr std::size_t product_at = 41;
constexpr std::size_t flags_at = 49;
constexpr std::size_t node_size_at = 50;
constexpr std::size_t node_at = 51;
static_assert(std::endian::native == std::endian::little, "the low bytes of a number come first");

constexpr std::size_t stored_size(std::size_t node_size) noexcept {
  return (node_at + node_size + alignment - 1) / alignment * alignment;
}

std::uint32_t seconds32(std::int64_t seconds) noexcept {
  return static_cast<std::uint32_t>(
      std::clamp<std::int64_t>(seconds, 0, std::numeric_limits<std::uint32_t>::max()));
}

template <class T>
T load(const std::byte* from, std::size_t size = sizeof(T)) noexcept {
  T value{};
  std::memcpy(&value, from, size);
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
  record.device = decode_device(at);
  return record;
}

Device DeviceTable::decode_device(const std::byte* at) noexcept {
  Device device;
  std::memcpy(device.secret.data(), at + secret_at, device.secret.size());
  device.revision = load<std::int64_t>(at + revision_at, revision_size);
  device.registration = load<std::uint32_t>(at + registration_at, registration_size);
  device.enabled = at[flags_at] != std::byte{0};
  device.last_offline_s = load<std::uint32_t>(at + offline_at);
  device.used = {load<std::uint32_t>(at + type1_at), load<std::uint64_t>(at + used_at)};
  return device;
}

const std::byte* DeviceTable::at(std::uint32_t place) const noexcept {
  return chunks_[place / places_in_chunk].bytes.data() + (place % places_in_chunk) * alignment;
}

std::size_t DeviceTable::first_slot(std::size_t hash) const noexcept {
  // the high half of the product spreads a hash over a size that is no power of two
  return ((hash >> 32U) * slots_.size()) >> 32U;
}

std::optional<Device> DeviceTable::find(const DeviceKey& key) const noexcept {
  if (slots_.empty()) return std::nullopt;
  for (std::size_t slot = first_slot(hash_value(key));;
       slot = slot + 1 == slots_.size() ? 0 : slot + 1) {
    if (slots_[slot] == 0) return std::nullopt;
    const std::byte* record = at(slots_[slot] - 1);
    const auto node_size = static_cast<std::size_t>(record[node_size_at]);
    if (text(record + node_at, node_size) == key.node_eui() &&
        text(record + product_at, 8) == key.product_id()) {
      return decode_device(record);
    }
  }
}

std::size_t DeviceTable::memory_bytes() const noexcept {
  std::size_t bytes = chunks_.capacity() * sizeof(Chunk) + index_.size();
  for (const auto& chunk : chunks_) bytes += chunk.used;
  return bytes;
}

std::byte* DeviceTable::Builder::allocate(std::size_t size) {
  auto& chunks = table_.chunks_;
  if (chunks.empty() || chunks.back().used + size > chunk_size) {
    if (chunks.size() >= std::numeric_limits<std::uint32_t>::max() / places_in_chunk) {
      throw std::length_error("more devices than the directory can hold");
    }
    // the first one may be all that there is, and hold a handful
    chunks.push_back({Pages(chunk_size, !chunks.empty()), 0});
  }
  std::byte* at = chunks.back().bytes.data() + chunks.back().used;
  chunks.back().used += size;
  return at;
}

void DeviceTable::Builder::add(const DeviceKey& key, const Device& device) {
  const auto node = key.node_eui();
  std::byte* at = allocate(stored_size(node.size()));
  const std::uint32_t offline = seconds32(device.last_offline_s);
  const std::uint32_t type1 = seconds32(device.used.newest);
  std::memcpy(at + revision_at, &device.revision, revision_size);
  std::memcpy(at + secret_at, device.secret.data(), device.secret.size());
  std::memcpy(at + offline_at, &offline, sizeof offline);
  std::memcpy(at + type1_at, &type1, sizeof type1);
  std::memcpy(at + used_at, &device.used.before_newest, sizeof device.used.before_newest);
  std::memcpy(at + registration_at, &device.registration, registration_size);
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
    add(*key, decode_device(&block[at]));
    at += stored_size(node_size);
  }
  return true;
}

std::shared_ptr<const DeviceTable> DeviceTable::Builder::finish() && {
  make_index();
  return std::make_shared<const DeviceTable>(std::move(table_));
}

void DeviceTable::Builder::make_index() {
  auto& slots = table_.slots_;
  const std::size_t count_of_slots =
      table_.size_ + table_.size_ / 4 + 1;  // at most 80 % full, never quite full
  const std::size_t index_size = count_of_slots * sizeof(std::uint32_t);
  table_.index_ = Pages(index_size, index_size > Pages::large_page);
  slots = {reinterpret_cast<std::uint32_t*>(table_.index_.data()), count_of_slots};
  // A slot lies anywhere, in no cache: many are asked for before the first is needed.
  struct Entry {
    std::size_t slot;
    std::uint32_t place;
  };
  std::array<Entry, 32> asked_for{};
  std::size_t count = 0;
  const auto enter = [&] {
    for (const auto& [first, place] : std::span(asked_for).first(count)) {
      std::size_t slot = first;
      while (slots[slot] != 0) slot = slot + 1 == slots.size() ? 0 : slot + 1;
      slots[slot] = place + 1;
    }
    count = 0;
  };
  for (std::size_t chunk = 0; chunk < table_.chunks_.size(); ++chunk) {
    const std::byte* bytes = table_.chunks_[chunk].bytes.data();
    for (std::size_t at = 0; at < table_.chunks_[chunk].used;) {
      const std::byte* record = bytes + at;
      const auto node_size = static_cast<std::size_t>(record[node_size_at]);
      const std::size_t slot = table_.first_slot(
          hash_of(text(record + product_at, 8), text(record + node_at, node_size)));
      __builtin_prefetch(&slots[slot], 1);
      asked_for[count++] = {slot,
                            static_cast<std::uint32_t>(chunk * places_in_chunk + at / alignment)};
      if (count == asked_for.size()) enter();
      at += stored_size(node_size);
    }
  }
  enter();
}

}  // namespace xgate::directory
