// SPDX-License-Identifier: Apache-2.0
#include "protocol/session_key.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "protocol/random.hpp"

namespace xgate::protocol {
namespace {

constexpr std::array readings{KeyReading::text_product_key, KeyReading::bytes_product_key,
                              KeyReading::text_device_secret, KeyReading::bytes_device_secret};

/// SessionID + nonce.toHex (§4.4): the digits as a number needs them, as Java and C print them.
std::string seed_text(std::string_view session_id, int nonce) {
  std::array<char, 8> digits{};
  const auto end = std::to_chars(digits.begin(), digits.end(), nonce, 16).ptr;
  return std::string(session_id).append(digits.begin(), end);
}

}  // namespace

std::string_view to_string(KeyReading reading) noexcept {
  switch (reading) {
    case KeyReading::text_product_key:
      return "text_product_key";
    case KeyReading::bytes_product_key:
      return "bytes_product_key";
    case KeyReading::text_device_secret:
      return "text_device_secret";
    case KeyReading::bytes_device_secret:
      return "bytes_device_secret";
  }
  return {};
}

std::optional<KeyReading> key_reading_from(std::string_view text) noexcept {
  for (const auto reading : readings) {
    if (text == to_string(reading)) return reading;
  }
  return std::nullopt;
}

std::span<const KeyReading> all_key_readings() noexcept { return readings; }

std::optional<AesKey> derive_session_key(std::string_view session_id, int nonce, KeyReading reading,
                                         const AesKey& product_key, const AesKey& device_secret,
                                         Aes& aes) {
  if (nonce < 0) return std::nullopt;
  auto text = seed_text(session_id, nonce);
  const bool as_bytes =
      reading == KeyReading::bytes_product_key || reading == KeyReading::bytes_device_secret;
  if (as_bytes) {
    auto bytes = from_hex(text);
    if (!bytes) return std::nullopt;
    text = std::move(*bytes);
  }
  const bool with_secret =
      reading == KeyReading::text_device_secret || reading == KeyReading::bytes_device_secret;
  const auto ciphertext = aes.encrypt(with_secret ? device_secret : product_key, text);
  AesKey key{};
  std::copy_n(ciphertext.begin(), key.size(), key.begin());
  return key;
}

std::string new_hex_id() { return to_upper_hex(random_bytes<4>()); }
std::string new_session_id() { return to_upper_hex(random_bytes<4>()); }
std::string new_device_secret() { return to_upper_hex(random_bytes<16>()); }
std::string new_product_key() { return to_upper_hex(random_bytes<16>()); }

int new_nonce() {
  // 0x10…0x79 with two decimal digits: 70 numbers. Bytes from 210 on would favour some of them.
  constexpr int choices = 70;
  int byte = 0;
  do {
    byte = random_bytes<1>()[0];
  } while (byte >= 3 * choices);
  const int choice = byte % choices;
  return (1 + choice / 10) * 16 + choice % 10;
}

}  // namespace xgate::protocol
