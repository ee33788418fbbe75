// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "protocol/aes.hpp"

namespace xgate::protocol {

/// ENC-2: the readings of §4.4, §1.4 and §2.4. "text": SessionID's and the nonce's characters are
/// encrypted; "bytes": their concatenation is hex-decoded first.
enum class KeyReading : std::uint8_t {
  text_product_key,
  bytes_product_key,
  text_device_secret,
  bytes_device_secret,
};
std::string_view to_string(KeyReading reading) noexcept;  ///< "text_product_key", …
std::optional<KeyReading> key_reading_from(std::string_view text) noexcept;
std::span<const KeyReading> all_key_readings() noexcept;  ///< in the order `auto` tries them

/// Nothing where the reading cannot apply (odd or non-hex concatenation under "bytes").
/// The ciphertext's first block is the key (the padded text of 10 or 5 bytes is one block; of a
/// longer text, the first 16 bytes).
std::optional<AesKey> derive_session_key(std::string_view session_id, int nonce, KeyReading reading,
                                         const AesKey& product_key, const AesKey& device_secret,
                                         Aes& aes);

/// ENC-2's restrictions: 8 upper-case hex digits; nonces 0x10…0x79 with two decimal digits.
/// From OpenSSL's CSPRNG.
std::string new_session_id();
int new_nonce();
std::string new_device_secret();  ///< ID-4: 32 upper-case hex digits
std::string new_product_key();    ///< ID-2
std::string new_hex_id();         ///< ID-1, ID-2: 8 upper-case hex digits

}  // namespace xgate::protocol
