// SPDX-License-Identifier: Apache-2.0
#include "directory/device_key.hpp"

#include <bit>
#include <cstring>
#include <random>

#include "protocol/identity.hpp"

namespace xgate::directory {
namespace {

struct SipKey {
  std::uint64_t k0;
  std::uint64_t k1;
};

SipKey random_sip_key() {
  std::random_device source;
  const auto word = [&source] { return (static_cast<std::uint64_t>(source()) << 32U) | source(); };
  return {word(), word()};
}

struct SipState {
  std::uint64_t v0, v1, v2, v3;

  void round() noexcept {
    v0 += v1;
    v2 += v3;
    v1 = std::rotl(v1, 13) ^ v0;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 = std::rotl(v0, 32);
    v2 += v1;
    v0 += v3;
    v1 = std::rotl(v1, 17) ^ v2;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 = std::rotl(v2, 32);
  }
  void absorb(std::uint64_t word) noexcept {
    v3 ^= word;
    round();
    v0 ^= word;
  }
};

std::uint64_t load(const char* bytes) noexcept {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

}  // namespace

std::optional<DeviceKey> DeviceKey::from(std::string_view product_id,
                                         std::string_view node_eui) noexcept {
  if (!protocol::is_product_id(product_id) || !protocol::is_node_eui(node_eui)) return std::nullopt;
  DeviceKey key;
  product_id.copy(key.product_.data(), key.product_.size());
  node_eui.copy(key.node_.data(), key.node_.size());
  key.node_size_ = static_cast<std::uint8_t>(node_eui.size());
  return key;
}

std::string DeviceKey::name() const { return protocol::device_name(product_id(), node_eui()); }

std::size_t hash_value(const DeviceKey& key) noexcept {
  static const SipKey sip = random_sip_key();
  // SipHash-1-3 over the product, the words of the NodeEui that are in use, and its length.
  SipState state{sip.k0 ^ 0x736f6d6570736575U, sip.k1 ^ 0x646f72616e646f6dU,
                 sip.k0 ^ 0x6c7967656e657261U, sip.k1 ^ 0x7465646279746573U};
  state.absorb(load(key.product_.data()));
  for (std::size_t at = 0; at < key.node_size_; at += 8) state.absorb(load(key.node_.data() + at));
  state.absorb(key.node_size_);
  state.v2 ^= 0xffU;
  state.round();
  state.round();
  state.round();
  return static_cast<std::size_t>(state.v0 ^ state.v1 ^ state.v2 ^ state.v3);
}

}  // namespace xgate::directory
