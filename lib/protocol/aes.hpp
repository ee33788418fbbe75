// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace xgate::protocol {

using AesKey = std::array<std::uint8_t, 16>;

/// 32 hex digits of either case to a key.
std::optional<AesKey> aes_key_from_hex(std::string_view hex) noexcept;
std::string to_upper_hex(std::span<const std::uint8_t> bytes);
std::string to_lower_hex(std::span<const std::uint8_t> bytes);
/// Nothing where the length is odd or a character is no hex digit.
std::optional<std::string> from_hex(std::string_view hex);
bool is_hex(std::string_view text) noexcept;  ///< one hex digit or more, and nothing else

/// AES-128-ECB with PKCS#5 padding, the protocol's only cipher (§2.2.5, §4.2.1, §4.4).
/// The cipher is fetched once and the contexts are re-keyed, which is five times faster than
/// fetching it for each message. One object a thread; not thread-safe.
class Aes {
 public:
  Aes();
  ~Aes();
  Aes(Aes&&) noexcept;
  Aes& operator=(Aes&&) noexcept;
  Aes(const Aes&) = delete;
  Aes& operator=(const Aes&) = delete;

  std::string encrypt(const AesKey& key, std::string_view plaintext);
  /// Nothing where the length is not a positive multiple of 16 or the padding is wrong.
  std::optional<std::string> decrypt(const AesKey& key, std::string_view ciphertext);

  std::string encrypt_to_hex(const AesKey& key, std::string_view plaintext);  ///< upper case
  std::optional<std::string> decrypt_hex(const AesKey& key, std::string_view hex);

  /// Whether encrypt_to_hex(key, plaintext) is `expected`, compared in constant time and
  /// without allocation (plaintext up to 255 bytes; longer is false).
  bool matches(const AesKey& key, std::string_view plaintext, std::string_view expected) noexcept;

 private:
  struct Contexts;
  std::unique_ptr<Contexts> contexts_;
};

}  // namespace xgate::protocol
