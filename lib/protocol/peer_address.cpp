// SPDX-License-Identifier: Apache-2.0
#include "protocol/peer_address.hpp"

#include <algorithm>

#include <arpa/inet.h>
#include <netinet/in.h>

namespace xgate::protocol {

Peer Peer::of(std::string_view address) noexcept {
  constexpr std::size_t v4 = 4;
  constexpr std::size_t v6 = 16;
  constexpr std::size_t network = 8;
  Peer peer;
  std::array<char, 64> text{};  // with its NUL
  if (address.size() < text.size()) {
    std::ranges::copy(address.substr(0, address.find('%')), text.begin());  // "fe80::1%eth0"
    std::array<unsigned char, v6> ip{};
    if (::inet_pton(AF_INET, text.data(), ip.data()) == 1) {
      std::ranges::copy_n(ip.begin(), v4, peer.bytes_.begin());
      peer.size_ = v4;
      return peer;
    }
    if (::inet_pton(AF_INET6, text.data(), ip.data()) == 1) {
      constexpr std::array<unsigned char, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
      const bool is_v4 = std::equal(mapped.begin(), mapped.end(), ip.begin());
      peer.size_ = is_v4 ? v4 : network;
      std::ranges::copy_n(ip.begin() + (is_v4 ? v6 - v4 : 0),
                          static_cast<std::ptrdiff_t>(peer.size_), peer.bytes_.begin());
      return peer;
    }
  }
  peer.size_ = std::min(address.size(), peer.bytes_.size());
  std::ranges::copy_n(address.begin(), static_cast<std::ptrdiff_t>(peer.size_),
                      peer.bytes_.begin());
  return peer;
}

}  // namespace xgate::protocol
