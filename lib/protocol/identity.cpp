// SPDX-License-Identifier: Apache-2.0
#include "protocol/identity.hpp"

#include <algorithm>

namespace xgate::protocol {
namespace {

// Not <cctype>: its answers depend on the locale, and on char being unsigned.
constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
constexpr bool is_hex_digit(char c) noexcept {
  return is_digit(c) || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
}
constexpr bool is_alphanumeric(char c) noexcept {
  return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

bool is_hex_of_length(std::string_view text, std::size_t length) noexcept {
  return text.size() == length && std::ranges::all_of(text, is_hex_digit);
}

}  // namespace

bool is_open_id(std::string_view text) noexcept { return is_hex_of_length(text, 8); }
bool is_product_id(std::string_view text) noexcept { return is_hex_of_length(text, 8); }
bool is_product_key(std::string_view text) noexcept { return is_hex_of_length(text, 32); }
bool is_device_secret(std::string_view text) noexcept { return is_hex_of_length(text, 32); }
bool is_node_eui(std::string_view text) noexcept {
  return text.size() >= 4 && text.size() <= 32 && std::ranges::all_of(text, is_alphanumeric);
}

std::optional<AuthType> auth_type_from(std::int64_t number) noexcept {
  if (number < 0 || number > 2) return std::nullopt;
  return static_cast<AuthType>(number);
}

std::string_view to_string(ProductKind kind) noexcept {
  switch (kind) {
    case ProductKind::transparent:
      return "transparent";
    case ProductKind::json:
      return "json";
    case ProductKind::hex:
      return "hex";
  }
  return {};
}

std::optional<ProductKind> product_kind_from(std::string_view text) noexcept {
  for (const auto kind : {ProductKind::transparent, ProductKind::json, ProductKind::hex}) {
    if (text == to_string(kind)) return kind;
  }
  return std::nullopt;
}

std::string_view to_string(DeviceState state) noexcept {
  switch (state) {
    case DeviceState::unactivated:
      return "unactivated";
    case DeviceState::online:
      return "online";
    case DeviceState::offline:
      return "offline";
    case DeviceState::disabled:
      return "disabled";
  }
  return {};
}

std::optional<IdentityView> parse_device_name(std::string_view text) noexcept {
  const auto dot = text.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const IdentityView id{{}, text.substr(0, dot), text.substr(dot + 1)};
  if (!is_product_id(id.product_id) || !is_node_eui(id.node_eui)) return std::nullopt;
  return id;
}

std::string device_name(std::string_view product_id, std::string_view node_eui) {
  std::string name(product_id);
  name += '.';
  name += node_eui;
  return name;
}

std::string topic_root(const IdentityView& id) {
  std::string root("/sys/");
  root += id.open_id;
  root += '/';
  root += id.product_id;
  root += '/';
  root += id.node_eui;
  return root;
}

}  // namespace xgate::protocol
