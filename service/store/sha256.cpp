// SPDX-License-Identifier: Apache-2.0
#include "service/store/sha256.hpp"

#include <array>
#include <stdexcept>

#include <openssl/evp.h>

namespace xgate::store {

std::string sha256(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1) {
    throw std::runtime_error("SHA-256 is not available");
  }
  return {digest.begin(), digest.begin() + size};
}

}  // namespace xgate::store
