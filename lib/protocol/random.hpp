// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace xgate::protocol {

/// From OpenSSL's CSPRNG. Throws std::runtime_error where the system has none: there is nothing to
/// go on with, and a weak key must never be issued instead.
void fill_random(std::span<std::uint8_t> bytes);

template <std::size_t size>
std::array<std::uint8_t, size> random_bytes() {
  std::array<std::uint8_t, size> bytes{};
  fill_random(bytes);
  return bytes;
}

}  // namespace xgate::protocol
