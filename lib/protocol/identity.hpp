// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace xgate::protocol {

// ID-1…ID-4 (§2.1, §4.1). All checks are on the exact text; case is kept as given.
bool is_open_id(std::string_view text) noexcept;        ///< 8 hex digits
bool is_product_id(std::string_view text) noexcept;     ///< 8 hex digits
bool is_product_key(std::string_view text) noexcept;    ///< 32 hex digits
bool is_device_secret(std::string_view text) noexcept;  ///< 32 hex digits
bool is_node_eui(std::string_view text) noexcept;       ///< [A-Za-z0-9]{4,32}

/// ID-5. The numbers are the protocol's `Type`.
enum class AuthType : std::uint8_t {
  product_secret_unregistered = 0,  ///< 一型一密免注册
  product_secret_registered = 1,    ///< 一型一密预注册
  device_secret_registered = 2,     ///< 一机一密预注册
};
std::optional<AuthType> auth_type_from(std::int64_t number) noexcept;

/// ID-6.
enum class ProductKind : std::uint8_t { transparent, json, hex };
std::string_view to_string(ProductKind kind) noexcept;  ///< "transparent", "json", "hex"
std::optional<ProductKind> product_kind_from(std::string_view text) noexcept;

/// ID-7.
enum class DeviceState : std::uint8_t { unactivated, online, offline, disabled };
std::string_view to_string(DeviceState state) noexcept;

/// A device's full name, owning. `product_id` and `node_eui` are its key; `open_id` its vendor.
struct Identity {
  std::string open_id;
  std::string product_id;
  std::string node_eui;
  bool operator==(const Identity&) const = default;
};

/// The same, borrowed from text that outlives it.
struct IdentityView {
  std::string_view open_id;
  std::string_view product_id;
  std::string_view node_eui;
  bool operator==(const IdentityView&) const = default;
  Identity owned() const {
    return {std::string(open_id), std::string(product_id), std::string(node_eui)};
  }
};
inline IdentityView view(const Identity& id) noexcept {
  return {id.open_id, id.product_id, id.node_eui};
}

/// "P.N", as the command line and the API write a device. `open_id` of the result is empty.
std::optional<IdentityView> parse_device_name(std::string_view text) noexcept;
std::string device_name(std::string_view product_id, std::string_view node_eui);

/// `T` = "/sys/O/P/N" (no trailing slash).
std::string topic_root(const IdentityView& id);

}  // namespace xgate::protocol
