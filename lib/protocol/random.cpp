// SPDX-License-Identifier: Apache-2.0
#include "protocol/random.hpp"

#include <stdexcept>

#include <openssl/rand.h>

namespace xgate::protocol {

void fill_random(std::span<std::uint8_t> bytes) {
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
    throw std::runtime_error("the system has no randomness to make keys from");
  }
}

}  // namespace xgate::protocol
