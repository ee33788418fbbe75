// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/aes.hpp"

// The usual ways to get AES and hex wrong, which the explanations of passwords and payloads try
// (TRACE-1). Slow: never on the broker's thread.
namespace xgate::protocol {

/// Each says what was done and what to do instead, and never a secret.
using Mistakes = std::vector<std::string>;

/// "WHAT is right but for one thing: …"; empty where there are none.
std::string right_but_for(std::string_view what, const Mistakes& mistakes);

/// A ciphertext as somebody wrote it into a text.
struct WrittenCipher {
  std::string bytes;          ///< whole blocks, one at least
  Mistakes mistakes;          ///< of the writing; the case of the digits is none
  bool lower_case = false;    ///< hex digits that are not upper case
  bool has_lost_end = false;  ///< the text ended within a block, which is left out
};
/// Nothing where the text is neither hex nor Base64 of a block or more.
std::optional<WrittenCipher> read_cipher(std::string_view text);

/// Where the first character stands that is not a hex digit, from 1; 0: there is none.
std::size_t first_not_hex(std::string_view text) noexcept;

/// A key, right or as somebody made it by mistake: 16 bytes, or the 32 of AES-256.
struct CipherKey {
  std::string bytes;
  std::string mistake;  ///< empty: as it should be
};
/// The hex characters of a key in place of its 16 bytes: all 32 of them, or the first 16, in either
/// case. `name` is the key's ("the DeviceSecret"), `advice` what to do instead.
std::vector<CipherKey> characters_as_key(std::string_view hex, std::string_view name,
                                         std::string_view advice);

/// How much more likely these decrypted blocks are a text than chance, in bits; below 0: less.
double text_evidence(std::string_view bytes);

enum class Padding : std::uint8_t { pkcs5, zeros, none };

/// What a ciphertext says under one key and mode.
struct Decrypted {
  std::string text;  ///< the padding removed
  Padding padding = Padding::pkcs5;
  std::size_t padded = 0;    ///< bytes that were removed
  Mistakes mistakes;         ///< of mode and padding
  bool lacks_begin = false;  ///< the initial vector is unknown, and with it the first block's text
};

/// Decrypts one ciphertext with many keys. Most of them are wrong, and cost four blocks.
class CipherTrial {
 public:
  explicit CipherTrial(const WrittenCipher& cipher) : cipher_(cipher) {}

  /// What may be text, in ECB and in CBC; nothing of what surely is none.
  std::vector<Decrypted> texts(std::string_view key) const;

 private:
  const WrittenCipher& cipher_;
};

/// AES-ECB without padding, of whole blocks; 16 or 32 bytes of key.
std::string encrypt_blocks(std::string_view key, std::string_view blocks);

}  // namespace xgate::protocol
