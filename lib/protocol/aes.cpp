// SPDX-License-Identifier: Apache-2.0
#include "protocol/aes.hpp"

#include <algorithm>
#include <stdexcept>

#include <openssl/crypto.h>
#include <openssl/evp.h>

namespace xgate::protocol {
namespace {

constexpr std::size_t block = 16;
constexpr std::string_view upper_digits = "0123456789ABCDEF";

/// By table: digits are as good as random, and a branch that cannot be foretold is dear.
constexpr auto hex_values = [] {
  std::array<std::int8_t, 256> values{};
  values.fill(-1);
  std::int8_t digit = 0;
  for (const char c : std::string_view("0123456789abcdef"))
    values[static_cast<unsigned char>(c)] = digit++;
  for (std::size_t i = 0; i < 6; ++i) values['A' + i] = values['a' + i];
  return values;
}();

constexpr int hex_value(char c) noexcept { return hex_values[static_cast<unsigned char>(c)]; }

/// `out` holds hex.size() / 2 bytes.
bool decode_hex(std::string_view hex, std::uint8_t* out) noexcept {
  if (hex.size() % 2 != 0) return false;
  int seen = 0;  // negative as soon as one of them was no digit
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    const int high = hex_value(hex[i]);
    const int low = hex_value(hex[i + 1]);
    seen |= high | low;
    *out++ =
        static_cast<std::uint8_t>(static_cast<unsigned>(high) << 4U | static_cast<unsigned>(low));
  }
  return seen >= 0;
}

/// `out` holds bytes.size() * 2 characters.
void encode_hex(std::span<const std::uint8_t> bytes, char* out) noexcept {
  for (const auto byte : bytes) {
    *out++ = upper_digits[byte >> 4];
    *out++ = upper_digits[byte & 0x0F];
  }
}

const std::uint8_t* bytes_of(std::string_view text) noexcept {
  return reinterpret_cast<const std::uint8_t*>(text.data());
}

}  // namespace

std::optional<AesKey> aes_key_from_hex(std::string_view hex) noexcept {
  AesKey key{};
  if (hex.size() != key.size() * 2 || !decode_hex(hex, key.data())) return std::nullopt;
  return key;
}

std::string to_upper_hex(std::span<const std::uint8_t> bytes) {
  std::string hex(bytes.size() * 2, '\0');
  encode_hex(bytes, hex.data());
  return hex;
}

std::string to_lower_hex(std::span<const std::uint8_t> bytes) {
  auto hex = to_upper_hex(bytes);
  for (char& digit : hex) digit = static_cast<char>(digit >= 'A' ? digit - 'A' + 'a' : digit);
  return hex;
}

std::optional<std::string> from_hex(std::string_view hex) {
  std::string bytes(hex.size() / 2, '\0');
  if (!decode_hex(hex, reinterpret_cast<std::uint8_t*>(bytes.data()))) return std::nullopt;
  return bytes;
}

bool is_hex(std::string_view text) noexcept {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return hex_value(c) >= 0; });
}

struct Aes::Contexts {
  struct Free {
    void operator()(EVP_CIPHER* unused) const noexcept { EVP_CIPHER_free(unused); }
    void operator()(EVP_CIPHER_CTX* unused) const noexcept { EVP_CIPHER_CTX_free(unused); }
  };
  using Context = std::unique_ptr<EVP_CIPHER_CTX, Free>;

  std::unique_ptr<EVP_CIPHER, Free> cipher{EVP_CIPHER_fetch(nullptr, "AES-128-ECB", nullptr)};
  Context encryptor{EVP_CIPHER_CTX_new()};
  Context decryptor{EVP_CIPHER_CTX_new()};

  bool ready() const noexcept {
    return cipher && encryptor && decryptor &&
           EVP_EncryptInit_ex2(encryptor.get(), cipher.get(), nullptr, nullptr, nullptr) == 1 &&
           EVP_DecryptInit_ex2(decryptor.get(), cipher.get(), nullptr, nullptr, nullptr) == 1;
  }

  /// `out` has room for the plaintext and a whole block more. The ciphertext's length, or 0.
  std::size_t encrypt(const AesKey& key, std::string_view plaintext, std::uint8_t* out) noexcept {
    auto* context = encryptor.get();
    int body = 0;
    int tail = 0;
    if (EVP_EncryptInit_ex2(context, nullptr, key.data(), nullptr, nullptr) != 1 ||
        EVP_EncryptUpdate(context, out, &body, bytes_of(plaintext),
                          static_cast<int>(plaintext.size())) != 1 ||
        EVP_EncryptFinal_ex(context, out + body, &tail) != 1) {
      return 0;
    }
    return static_cast<std::size_t>(body) + static_cast<std::size_t>(tail);
  }
};

Aes::Aes() : contexts_(std::make_unique<Contexts>()) {
  if (!contexts_->ready()) throw std::runtime_error("OpenSSL offers no AES-128-ECB");
}
Aes::~Aes() = default;
Aes::Aes(Aes&&) noexcept = default;
Aes& Aes::operator=(Aes&&) noexcept = default;

std::string Aes::encrypt(const AesKey& key, std::string_view plaintext) {
  std::string out(plaintext.size() + block, '\0');
  const auto size = contexts_->encrypt(key, plaintext, reinterpret_cast<std::uint8_t*>(out.data()));
  if (size == 0) throw std::runtime_error("OpenSSL could not encrypt");
  out.resize(size);
  return out;
}

std::optional<std::string> Aes::decrypt(const AesKey& key, std::string_view ciphertext) {
  if (ciphertext.empty() || ciphertext.size() % block != 0) return std::nullopt;
  auto* context = contexts_->decryptor.get();
  std::string out(ciphertext.size() + block, '\0');
  auto* bytes = reinterpret_cast<std::uint8_t*>(out.data());
  int body = 0;
  int tail = 0;
  if (EVP_DecryptInit_ex2(context, nullptr, key.data(), nullptr, nullptr) != 1 ||
      EVP_DecryptUpdate(context, bytes, &body, bytes_of(ciphertext),
                        static_cast<int>(ciphertext.size())) != 1 ||
      EVP_DecryptFinal_ex(context, bytes + body, &tail) != 1) {
    return std::nullopt;
  }
  out.resize(static_cast<std::size_t>(body) + static_cast<std::size_t>(tail));
  return out;
}

std::string Aes::encrypt_to_hex(const AesKey& key, std::string_view plaintext) {
  const auto ciphertext = encrypt(key, plaintext);
  return to_upper_hex({bytes_of(ciphertext), ciphertext.size()});
}

std::optional<std::string> Aes::decrypt_hex(const AesKey& key, std::string_view hex) {
  const auto ciphertext = from_hex(hex);
  if (!ciphertext) return std::nullopt;
  return decrypt(key, *ciphertext);
}

bool Aes::matches(const AesKey& key, std::string_view plaintext,
                  std::string_view expected) noexcept {
  constexpr std::size_t max_plaintext = 255;
  if (plaintext.size() > max_plaintext) return false;
  std::array<std::uint8_t, max_plaintext + block> ciphertext;
  std::array<char, 2 * ciphertext.size()> hex;
  const auto size = contexts_->encrypt(key, plaintext, ciphertext.data());
  encode_hex({ciphertext.data(), size}, hex.data());
  // Lengths follow from public text alone: telling them apart early gives nothing away.
  return size != 0 && expected.size() == 2 * size &&
         CRYPTO_memcmp(hex.data(), expected.data(), expected.size()) == 0;
}

}  // namespace xgate::protocol
