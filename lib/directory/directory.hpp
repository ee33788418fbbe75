// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include <boost/unordered/unordered_flat_map.hpp>

#include "directory/exchange.hpp"

namespace xgate::directory {

/// Who exists, as the reader's thread knows it: the newest snapshot that it took, and devices it
/// was told of before the loader could have read them (AUTH-9).
class Directory {
 public:
  explicit Directory(Exchange& exchange) noexcept : exchange_(&exchange) {}
  ~Directory();
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;

  /// Takes what the loader offers, if anything, and returns what it changed. Never waits.
  std::optional<Changes> adopt();
  /// Whether anything was ever adopted; before, nobody is known and everybody refused.
  bool loaded() const noexcept { return current_ != nullptr; }
  /// Of the publication that was adopted last; 0: none.
  std::uint64_t number() const noexcept { return current_ ? current_->number : 0; }

  /// The pointer is good until adopt().
  const Product* product(std::string_view product_id) const noexcept;
  std::optional<Device> device(const DeviceKey& key) const noexcept;

  /// A device that was just stored. False where a newer revision is known already.
  bool know(const DeviceKey& key, const Device& device, Moment now);
  std::size_t told() const noexcept { return told_.size(); }

 private:
  struct Told {
    Device device;
    Moment at;
  };
  void forget_what_was_read(const Changes& changes);

  Exchange* exchange_;
  std::unique_ptr<Publication> current_;
  boost::unordered_flat_map<DeviceKey, Told, DeviceKeyHash> told_;
};

}  // namespace xgate::directory
