// SPDX-License-Identifier: Apache-2.0
#include "directory/device_key.hpp"

#include <algorithm>
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

/// The first word of a text; what it lacks is zero.
std::uint64_t first_word(std::string_view text) noexcept {
  std::uint64_t word = 0;
  if (text.size() >= sizeof word) {
    std::memcpy(&word, text.data(), sizeof word);  // one instruction, where the size is known
  } else {
    std::memcpy(&word, text.data(), text.size());
  }
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
  return hash_of(key.product_id(), key.node_eui());
}

std::size_t hash_of(std::string_view product_id, std::string_view node_eui) noexcept {
  static const SipKey sip = random_sip_key();
  // SipHash-1-3 over the product, the words of the NodeEui, and its length.
  SipState state{sip.k0 ^ 0x736f6d6570736575U, sip.k1 ^ 0x646f72616e646f6dU,
                 sip.k0 ^ 0x6c7967656e657261U, sip.k1 ^ 0x7465646279746573U};
  state.absorb(first_word(product_id));
  for (auto rest = node_eui; !rest.empty();
       rest.remove_prefix(std::min<std::size_t>(rest.size(), 8))) {
    state.absorb(first_word(rest));
  }
  state.absorb(node_eui.size());
  state.v2 ^= 0xffU;
  state.round();
  state.round();
  state.round();
  return static_cast<std::size_t>(state.v0 ^ state.v1 ^ state.v2 ^ state.v3);
}

}  // namespace xgate::directory
