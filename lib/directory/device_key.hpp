// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace xgate::directory {

/// "P.N" without a heap allocation: the key of every table of devices.
class DeviceKey {
 public:
  DeviceKey() = default;
  /// Nothing where the texts are no ProductID and NodeEui (ID-2, ID-3).
  static std::optional<DeviceKey> from(std::string_view product_id,
                                       std::string_view node_eui) noexcept;

  std::string_view product_id() const noexcept { return {product_.data(), product_.size()}; }
  std::string_view node_eui() const noexcept { return {node_.data(), node_size_}; }
  std::string name() const;  ///< "P.N"

  bool operator==(const DeviceKey&) const = default;

 private:
  friend std::size_t hash_value(const DeviceKey& key) noexcept;
  std::array<char, 8> product_{};
  std::array<char, 32> node_{};  // unused characters are zero, so that == may compare all
  std::uint8_t node_size_ = 0;
};

/// SipHash under a key of this process: devices choose their NodeEui, and must not be able to
/// choose its place in a table.
std::size_t hash_value(const DeviceKey& key) noexcept;
/// The same of a key's two texts.
std::size_t hash_of(std::string_view product_id, std::string_view node_eui) noexcept;

struct DeviceKeyHash {
  using is_avalanching = void;
  std::size_t operator()(const DeviceKey& key) const noexcept { return hash_value(key); }
};

}  // namespace xgate::directory
