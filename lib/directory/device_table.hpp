// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "directory/device_key.hpp"
#include "directory/pages.hpp"
#include "protocol/aes.hpp"
#include "protocol/used_timestamps.hpp"

namespace xgate::directory {

/// What the plugin must know of a device.
struct Device {
  protocol::AesKey secret{};
  bool enabled = false;
  std::int64_t revision = 0;
  /// Another one where the device was deleted and registered anew: the low 24 bits of device_id.
  std::uint32_t registration = 0;
  std::int64_t last_offline_s = 0;  ///< Unix seconds; 0 = never offline
  protocol::UsedTimestamps used;    ///< by logins with type 1
  bool operator==(const Device&) const = default;
};

/// Every device, immutable. A general hash map of strings took 150 bytes a device and a
/// reallocation that doubled it while loading; here a device is one packed record in a chunk (51
/// bytes and its NodeEui) and 5 bytes of an open-addressing index, made once at the end.
class DeviceTable {
 public:
  class Builder;

  DeviceTable();
  std::optional<Device> find(const DeviceKey& key) const noexcept;
  std::size_t size() const noexcept { return size_; }
  std::size_t memory_bytes() const noexcept;

  /// `visit(const DeviceKey&, const Device&)` for each, in no particular order.
  template <class Visit>
  void for_each(Visit&& visit) const {
    for (const auto& chunk : chunks_) {
      for (std::size_t at = 0; at < chunk.used;) {
        const Record record = decode(chunk.bytes.data() + at);
        visit(record.key, record.device);
        at += record.stored_size;
      }
    }
  }

  /// The packed records, as the copy on disk keeps them.
  template <class Visit>
  void for_each_block(Visit&& visit) const {
    for (const auto& chunk : chunks_) {
      visit(std::span<const std::byte>(chunk.bytes.data(), chunk.used));
    }
  }

 private:
  struct Chunk {
    Pages bytes;  // whole records, one after the other
    std::size_t used = 0;
  };
  struct Record {
    DeviceKey key;
    Device device;
    std::size_t stored_size = 0;
  };
  static Record decode(const std::byte* at) noexcept;
  static Device decode_device(const std::byte* at) noexcept;
  const std::byte* at(std::uint32_t place) const noexcept;
  std::size_t first_slot(std::size_t hash) const noexcept;

  std::vector<Chunk> chunks_;
  Pages index_;
  std::span<std::uint32_t> slots_;  // in index_: place of a record plus 1; 0: free
  std::size_t size_ = 0;
};

/// Takes devices, each key once, and makes the table.
class DeviceTable::Builder {
 public:
  void add(const DeviceKey& key, const Device& device);
  /// A block of for_each_block(). False where it is not well formed: nothing of it may be used.
  bool add_block(std::span<const std::byte> block);
  std::size_t size() const noexcept { return table_.size_; }
  std::shared_ptr<const DeviceTable> finish() &&;

 private:
  std::byte* allocate(std::size_t size);
  void make_index();
  DeviceTable table_;
};

}  // namespace xgate::directory
