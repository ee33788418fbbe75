// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace xgate::protocol {

/// Whom an address stands for when failures are counted: an IPv4 address, however it is written
/// ("::ffff:192.0.2.1" is 192.0.2.1), is one peer; of an IPv6 address the first 64 bits are, for
/// whoever has one address of such a network has them all. What is no IP address is the peer of
/// that text, as far as it fits.
class Peer {
 public:
  static Peer of(std::string_view address) noexcept;
  std::string_view bytes() const noexcept { return {bytes_.data(), size_}; }
  bool operator==(const Peer& other) const noexcept { return bytes() == other.bytes(); }

 private:
  std::array<char, 46> bytes_{};  // as long as an IP address can be
  std::size_t size_ = 0;
};

}  // namespace xgate::protocol
