// SPDX-License-Identifier: Apache-2.0
#include "protocol/explain_cipher.hpp"

#include <algorithm>
#include <memory>
#include <set>
#include <utility>

#include <openssl/evp.h>

#include "protocol/base64.hpp"

namespace xgate::protocol {
namespace {

constexpr std::size_t cipher_block = 16;

std::string with_case(std::string_view text, char from, int shift) {
  std::string changed(text);
  for (auto& c : changed) {
    if (c >= from && c < from + 26) c = static_cast<char>(c + shift);
  }
  return changed;
}

bool is_space(char c) noexcept { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

std::string without_spaces(std::string_view text) {
  std::string rest(text);
  std::erase_if(rest, is_space);
  return rest;
}

/// Also without padding, with blanks and line breaks, and in the URL's alphabet.
std::optional<std::string> from_any_base64(std::string_view written) {
  std::string text = without_spaces(written);
  text.erase(text.find_last_not_of('=') + 1);
  while (text.size() % 4 != 0) text += '=';
  // Hex with a wrong character is Base64 as well, by its characters.
  const auto digits = std::ranges::count_if(text, [](char c) { return is_hex({&c, 1}); });
  if (static_cast<std::size_t>(digits) * 4 > text.size() * 3) return std::nullopt;
  std::ranges::replace(text, '-', '+');
  std::ranges::replace(text, '_', '/');
  return from_base64(text);
}

/// Takes off what stands around the digits, and notes it.
std::string take_digits(std::string_view text, Mistakes& mistakes) {
  if (text.starts_with("0x") || text.starts_with("0X")) {
    text.remove_prefix(2);
    mistakes.emplace_back("0x stands in front of the hex, leave it out");
  }
  const auto end = text.find_last_not_of('\0');
  if (end + 1 != text.size()) {
    text = text.substr(0, end == std::string_view::npos ? 0 : end + 1);
    mistakes.emplace_back("a NUL stands behind the hex (a C string's end), leave it out");
  }
  if (text.find_first_of("\r\n") != std::string_view::npos) {
    mistakes.emplace_back("line breaks stand in the hex, leave them out");
  } else if (text.find_first_of(" \t") != std::string_view::npos) {
    mistakes.emplace_back("blanks stand in the hex, leave them out");
  }
  std::string digits = without_spaces(text);
  for (const char separator : {':', '-', ','}) {
    if (digits.find(separator) == std::string::npos) continue;
    std::erase(digits, separator);
    mistakes.push_back("a " + std::string(1, separator) +
                       " stands between the bytes, leave it out");
  }
  return digits;
}

/// Whole blocks of `bytes`; of what was lost behind them is told how much was there.
std::optional<WrittenCipher> in_blocks(WrittenCipher cipher, std::size_t digits) {
  const auto rest = cipher.bytes.size() % cipher_block;
  if (rest != 0 || digits % 2 != 0) {
    cipher.has_lost_end = true;
    cipher.bytes.resize(cipher.bytes.size() - rest);
    cipher.mistakes.push_back("it is cut off after " + std::to_string(digits) +
                              " hex digits: a ciphertext has 32 for each block");
  }
  if (cipher.bytes.empty()) return std::nullopt;
  return cipher;
}

std::string crypt(std::string_view key, std::string_view blocks, bool encrypt) {
  struct Free {
    void operator()(EVP_CIPHER_CTX* context) const noexcept { EVP_CIPHER_CTX_free(context); }
  };
  thread_local const std::unique_ptr<EVP_CIPHER_CTX, Free> context(EVP_CIPHER_CTX_new());
  const auto* cipher = key.size() == 2 * cipher_block ? EVP_aes_256_ecb() : EVP_aes_128_ecb();
  std::string out(blocks.size() + cipher_block, '\0');
  int size = 0;
  if (!context || key.size() % cipher_block != 0 || key.empty() ||
      EVP_CipherInit_ex2(context.get(), cipher, reinterpret_cast<const std::uint8_t*>(key.data()),
                         nullptr, encrypt ? 1 : 0, nullptr) != 1 ||
      EVP_CIPHER_CTX_set_padding(context.get(), 0) != 1 ||
      EVP_CipherUpdate(context.get(), reinterpret_cast<std::uint8_t*>(out.data()), &size,
                       reinterpret_cast<const std::uint8_t*>(blocks.data()),
                       static_cast<int>(blocks.size())) != 1) {
    return {};
  }
  out.resize(static_cast<std::size_t>(size));
  return out;
}

/// What CBC adds to ECB: each block's text is mixed with the ciphertext before it.
void chain(std::string& text, std::string_view ciphertext) {
  for (std::size_t i = cipher_block; i < text.size(); ++i) {
    text[i] = static_cast<char>(text[i] ^ ciphertext[i - cipher_block]);
  }
}

bool is_control(char c) noexcept {
  return (static_cast<unsigned char>(c) < ' ' && !is_space(c)) || c == '\x7F';
}

/// How much of it is before the padding, if anything; control characters stand in a padding alone.
std::size_t text_length(std::string_view text) noexcept {
  const auto* const end = std::ranges::find_if(text, is_control);
  const bool is_padding =
      std::all_of(end, text.end(), [&](char c) { return c == *end || c == text.back(); });
  return is_padding ? static_cast<std::size_t>(end - text.begin()) : 0;
}

/// Whether it is worth while to decrypt the rest, of which this is the begin.
bool is_promising(std::string_view begin) {
  constexpr std::size_t enough = 32;
  constexpr double hardly_chance = 4;
  const auto length = text_length(begin);
  if (length == 0) return false;
  return begin.size() < enough || text_evidence(begin.substr(0, length)) > hardly_chance;
}

std::size_t pkcs5_length(std::string_view text) noexcept {
  const auto count = static_cast<unsigned char>(text.back());
  if (count == 0 || count > cipher_block) return 0;
  const auto tail = text.substr(text.size() - count);
  return std::ranges::all_of(tail, [&](char c) { return c == text.back(); }) ? count : 0;
}

Decrypted unpadded(std::string text, bool has_lost_end) {
  Decrypted result;
  const auto full = text.size();
  if (has_lost_end) {
    result.padding = Padding::none;
  } else if (const auto count = pkcs5_length(text); count != 0) {
    text.resize(text.size() - count);
  } else {
    const auto end = text.find_last_not_of('\0');
    result.padding = end + 1 == text.size() ? Padding::none : Padding::zeros;
    text.resize(end == std::string::npos ? 0 : end + 1);
    result.mistakes.emplace_back(
        result.padding == Padding::zeros
            ? "the text is padded with zeros, use PKCS5 padding"
            : "the text is not padded at all, use PKCS5 padding (a whole block where it fits)");
  }
  result.padded = full - text.size();
  result.text = std::move(text);
  return result;
}

}  // namespace

std::string right_but_for(std::string_view what, const Mistakes& mistakes) {
  if (mistakes.empty()) return {};
  std::string text(what);
  text += " is right but for ";
  text += mistakes.size() == 1 ? "one thing: " : std::to_string(mistakes.size()) + " things: ";
  for (std::size_t i = 0; i < mistakes.size(); ++i) {
    if (i > 0) text += "; ";
    text += mistakes[i];
  }
  return text;
}

double text_evidence(std::string_view bytes) {
  // How often each kind of byte comes: by chance; in JSON; in JSON of mostly Chinese words.
  struct Kind {
    double json;
    double chinese;
  };
  constexpr Kind printable{1.16, 0.24};  // 0.85 and 0.45 against 0.38, in bits
  constexpr Kind high{-2.06, 0.11};      // 0.12 and 0.54 against 0.50
  constexpr Kind control{-2.0, -3.6};    // 0.03 and 0.01 against 0.12
  double json = 0;
  double chinese = -2;
  // Equal blocks of a ciphertext give equal text under any key: one of them is all the evidence.
  std::set<std::string_view> seen;
  for (; !bytes.empty(); bytes.remove_prefix(std::min(bytes.size(), cipher_block))) {
    const auto block = bytes.substr(0, cipher_block);
    if (!seen.insert(block).second) continue;
    for (const char c : block) {
      const auto& kind = is_control(c)                           ? control
                         : static_cast<unsigned char>(c) >= 0x80 ? high
                                                                 : printable;
      json += kind.json;
      chinese += kind.chinese;
    }
  }
  return std::max(json, chinese);
}

std::size_t first_not_hex(std::string_view text) noexcept {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!is_hex(text.substr(i, 1))) return i + 1;
  }
  return 0;
}

std::optional<WrittenCipher> read_cipher(std::string_view text) {
  WrittenCipher cipher;
  const std::string digits = take_digits(text, cipher.mistakes);
  if (const auto whole = digits.size() / 2 * 2; is_hex(digits) && whole > 0) {
    cipher.bytes = from_hex(std::string_view(digits).substr(0, whole)).value_or("");
    cipher.lower_case = std::ranges::any_of(digits, [](char c) { return c >= 'a'; });
    if (is_hex(cipher.bytes) && cipher.bytes.size() % (2 * cipher_block) == 0) {
      cipher.mistakes.emplace_back("the hex was turned into hex a second time, send it as it is");
      cipher.bytes = from_hex(cipher.bytes).value_or("");
    }
    return in_blocks(std::move(cipher), digits.size());
  }
  auto bytes = from_any_base64(text);
  if (!bytes || bytes->empty() || bytes->size() % cipher_block != 0) return std::nullopt;
  return WrittenCipher{std::move(*bytes), {"it is Base64, send upper-case hex"}};
}

std::vector<CipherKey> characters_as_key(std::string_view hex, std::string_view name,
                                         std::string_view advice) {
  const auto used = std::string(name) + "'s characters were used as the key, ";
  const auto whole = used + std::string(advice);
  const auto half = used + "the first 16 of the 32, " + std::string(advice);
  const auto upper = with_case(hex, 'a', 'A' - 'a');
  const auto lower = with_case(hex, 'A', 'a' - 'A');
  return {{upper.substr(0, 16), half}, {lower.substr(0, 16), half}, {upper, whole}, {lower, whole}};
}

std::string encrypt_blocks(std::string_view key, std::string_view blocks) {
  return crypt(key, blocks, true);
}

std::vector<Decrypted> CipherTrial::texts(std::string_view key) const {
  constexpr std::size_t looked_at = 4 * cipher_block;
  const std::string_view bytes = cipher_.bytes;
  const auto front = bytes.substr(0, looked_at);
  std::string begin = crypt(key, front, false);
  if (begin.empty()) return {};
  const bool plain = is_promising(begin);
  chain(begin, front);
  const bool has_more = bytes.size() > cipher_block;
  // With an initial vector of zeros both modes have one first block.
  const bool chained = has_more && is_promising(begin);
  const bool headless =
      has_more && !chained && is_promising(std::string_view(begin).substr(cipher_block));
  if (!plain && !chained && !headless) return {};

  std::vector<Decrypted> found;
  std::string all = crypt(key, bytes, false);
  if (plain) found.push_back(unpadded(all, cipher_.has_lost_end));
  if (!chained && !headless) return found;
  chain(all, bytes);
  if (headless) all.erase(0, cipher_block);
  auto result = unpadded(std::move(all), cipher_.has_lost_end);
  result.lacks_begin = headless;
  result.mistakes.insert(result.mistakes.begin(),
                         headless ? "the cipher's mode is CBC with an initial vector, use ECB, "
                                    "which has none"
                                  : "the cipher's mode is CBC, use ECB");
  found.push_back(std::move(result));
  return found;
}

}  // namespace xgate::protocol
