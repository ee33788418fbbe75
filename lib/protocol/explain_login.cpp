// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <openssl/evp.h>

#include "protocol/login.hpp"

// Finds what a device did wrong by doing the usual things wrong here, until what it sent comes out.
namespace xgate::protocol {
namespace {

using Mistake = std::string_view;  ///< what was done and what to do instead; empty: as it should be

struct Choice {
  std::string value;
  Mistake mistake;
};

std::string lower_case(std::string text) {
  for (auto& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

bool same_but_for_case(std::string_view one, std::string_view other) {
  return lower_case(std::string(one)) == lower_case(std::string(other));
}

std::string text_of(const AesKey& key) { return {key.begin(), key.end()}; }

/// The bytes behind a password, and how it was written.
struct Received {
  std::string bytes;
  Mistake mistake;
};

std::optional<std::string> from_base64(std::string_view text) {
  if (text.empty() || text.size() % 4 != 0) return std::nullopt;
  std::string bytes(text.size() / 4 * 3, '\0');
  const auto* in = reinterpret_cast<const unsigned char*>(text.data());
  auto* out = reinterpret_cast<unsigned char*>(bytes.data());
  if (EVP_DecodeBlock(out, in, static_cast<int>(text.size())) < 0) return std::nullopt;
  const auto padding = std::min<std::size_t>(2, text.size() - 1 - text.find_last_not_of('='));
  bytes.resize(bytes.size() - padding);
  return bytes;
}

std::optional<Received> receive(std::string_view password) {
  if (auto bytes = from_hex(password)) {
    const bool is_upper = std::ranges::none_of(password, [](char c) { return c >= 'a'; });
    return Received{std::move(*bytes), is_upper ? "" : "the hex is lower case, send upper case"};
  }
  if (auto bytes = from_base64(password)) {
    return Received{std::move(*bytes), "it is Base64, send upper-case hex"};
  }
  return std::nullopt;
}

std::vector<Choice> keys(std::string_view product_key, const AesKey& device_secret) {
  constexpr Mistake with_product_key =
      "the ProductKey was used as the cipher's key, use the DeviceSecret";
  constexpr Mistake secret_as_text =
      "the DeviceSecret's characters were used as the key, decode its hex to 16 bytes";
  constexpr Mistake product_key_as_text =
      "the ProductKey's characters were used as the key, use the DeviceSecret, its hex decoded to "
      "16 bytes";
  const auto secret = to_upper_hex(device_secret);
  std::vector<Choice> choices{{text_of(device_secret), {}}};
  if (const auto key = aes_key_from_hex(product_key)) {
    choices.push_back({text_of(*key), with_product_key});
  }
  // 32 characters make a key of AES-256, the first 16 one of AES-128.
  for (const std::size_t length : {std::size_t{16}, std::size_t{32}}) {
    choices.push_back({secret.substr(0, length), secret_as_text});
    choices.push_back({lower_case(secret).substr(0, length), secret_as_text});
    if (!is_product_key(product_key)) continue;
    choices.push_back({std::string(product_key.substr(0, length)), product_key_as_text});
  }
  return choices;
}

struct Candidate {
  std::string value;
  std::vector<Mistake> mistakes;

  Candidate with(std::string_view part, Mistake mistake) const {
    auto next = *this;
    next.value += part;
    if (!mistake.empty()) next.mistakes.push_back(mistake);
    return next;
  }
};

/// Every beginning with every choice for the next part.
std::vector<Candidate> extended(const std::vector<Candidate>& begun,
                                const std::vector<Choice>& choices) {
  std::vector<Candidate> result;
  result.reserve(begun.size() * choices.size());
  for (const auto& candidate : begun) {
    for (const auto& choice : choices) {
      result.push_back(candidate.with(choice.value, choice.mistake));
    }
  }
  return result;
}

std::vector<Candidate> texts(const V2Login& login, std::string_view product_key,
                             const AesKey& device_secret) {
  const std::string timestamp(login.timestamp_text);
  const auto name = device_name(login.id.product_id, login.id.node_eui);
  const std::vector<Choice> client_ids{
      {name, {}},
      {"V2_" + name + '_' + std::to_string(login.type) + '_' + timestamp,
       "the whole client id was encrypted, encrypt only ProductID.NodeEui of it"},
      {std::string(login.id.product_id) + '-' + std::string(login.id.node_eui),
       "the client id was written with a dash, write ProductID.NodeEui"},
      {std::string(login.id.node_eui),
       "the NodeEui alone was encrypted as client id, write ProductID.NodeEui"},
  };
  const std::vector<Choice> product_keys{
      {std::string(product_key), {}},
      {lower_case(std::string(product_key)),
       "the ProductKey in the text is lower case, take it as it was issued"},
      {to_upper_hex(device_secret),
       "the DeviceSecret stands in the text, write the ProductKey there"},
  };
  constexpr Mistake unwanted =
      "the timestamp is in the text although the type is 0, leave it out or log in with type 1";
  constexpr Mistake lacking =
      "the timestamp is not in the text although the type is 1, append _ and the timestamp";

  std::vector<Candidate> all;
  for (const auto& [joint, joint_mistake] :
       {Choice{"_", {}}, Choice{"", "the parts are joined without _, put one between them"}}) {
    const std::vector<Choice> endings{{"", login.type == 1 ? lacking : Mistake()},
                                      {joint + timestamp, login.type == 1 ? Mistake() : unwanted}};
    auto joined = extended({Candidate{}}, client_ids);
    joined = extended(joined, {{joint, joint_mistake}});
    joined = extended(joined, product_keys);
    joined = extended(joined, endings);
    std::ranges::move(joined, std::back_inserter(all));
  }
  const auto count = all.size();
  for (std::size_t i = 0; i < count; ++i) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(all[i].value.data());
    Candidate as_hex{to_upper_hex({bytes, all[i].value.size()}), all[i].mistakes};
    as_hex.mistakes.emplace_back("the text was turned into hex first, encrypt its characters");
    all.push_back(std::move(as_hex));
  }
  return all;
}

struct Mode {
  bool chained = false;
  bool zero_padded = false;

  std::vector<Mistake> mistakes() const {
    std::vector<Mistake> result;
    if (chained) result.emplace_back("the cipher's mode is CBC, use ECB");
    if (zero_padded) {
      result.emplace_back("the text is padded with zeros or not at all, use PKCS5 padding");
    }
    return result;
  }
  std::size_t length(std::size_t text) const {
    return zero_padded ? (text + 15) / 16 * 16 : (text / 16 + 1) * 16;
  }
};
constexpr std::array modes{Mode{false, false}, Mode{true, false}, Mode{false, true},
                           Mode{true, true}};

std::string encrypt(Mode mode, std::string_view key, std::string text) {
  const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context(
      EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  const bool is_256 = key.size() == 32;
  const auto* cipher = mode.chained ? (is_256 ? EVP_aes_256_cbc() : EVP_aes_128_cbc())
                                    : (is_256 ? EVP_aes_256_ecb() : EVP_aes_128_ecb());
  constexpr std::array<std::uint8_t, 16> zero_iv{};
  if (mode.zero_padded) text.resize(mode.length(text.size()));
  std::string out(text.size() + 16, '\0');
  auto* bytes = reinterpret_cast<std::uint8_t*>(out.data());
  int body = 0;
  int tail = 0;
  if (!context ||
      EVP_EncryptInit_ex2(context.get(), cipher, reinterpret_cast<const std::uint8_t*>(key.data()),
                          zero_iv.data(), nullptr) != 1 ||
      EVP_CIPHER_CTX_set_padding(context.get(), mode.zero_padded ? 0 : 1) != 1 ||
      EVP_EncryptUpdate(context.get(), bytes, &body,
                        reinterpret_cast<const std::uint8_t*>(text.data()),
                        static_cast<int>(text.size())) != 1 ||
      EVP_EncryptFinal_ex(context.get(), bytes + body, &tail) != 1) {
    return {};
  }
  out.resize(static_cast<std::size_t>(body) + static_cast<std::size_t>(tail));
  return out;
}

/// The fewest mistakes that reproduce the ciphertext.
std::optional<std::vector<Mistake>> search(const std::string& ciphertext, const V2Login& login,
                                           std::string_view product_key,
                                           const AesKey& device_secret) {
  std::optional<std::vector<Mistake>> best;
  const auto all_keys = keys(product_key, device_secret);
  for (const auto& text : texts(login, product_key, device_secret)) {
    for (const auto mode : modes) {
      if (mode.length(text.value.size()) != ciphertext.size()) continue;
      auto mistakes = text.mistakes;
      std::ranges::copy(mode.mistakes(), std::back_inserter(mistakes));
      for (const auto& key : all_keys) {
        const auto count = mistakes.size() + (key.mistake.empty() ? 0 : 1);
        if (best && best->size() <= count) continue;
        if (encrypt(mode, key.value, text.value) != ciphertext) continue;
        best = mistakes;
        if (!key.mistake.empty()) best->push_back(key.mistake);
      }
    }
  }
  return best;
}

std::string sentence(const std::vector<Mistake>& mistakes) {
  if (mistakes.empty()) return {};
  std::string text = "the password is right but for ";
  text += mistakes.size() == 1 ? "one thing: " : std::to_string(mistakes.size()) + " things: ";
  for (std::size_t i = 0; i < mistakes.size(); ++i) {
    if (i > 0) text += "; ";
    text += mistakes[i];
  }
  return text;
}

/// The key is right and something else was encrypted: what, as far as it is no secret.
std::string explain_other_text(std::string_view text, const V2Login& login,
                               std::string_view product_key) {
  const auto is_printable = [](char c) { return c >= ' ' && c <= '~'; };
  if (!std::ranges::all_of(text, is_printable)) return {};
  const auto name = text.substr(0, text.find('_'));
  if (name != device_name(login.id.product_id, login.id.node_eui)) {
    return parse_device_name(name)
               ? "the password was made for another device, " + std::string(name)
               : "the DeviceSecret is right, the encrypted text is not: it must "
                 "begin with ProductID.NodeEui";
  }
  const auto rest = text.substr(std::min(text.size(), name.size() + 1));
  const auto key = rest.substr(0, rest.find('_'));
  if (key != product_key) {
    return "the DeviceSecret is right, the encrypted text is not: what follows ProductID.NodeEui_ "
           "is not the ProductKey";
  }
  const auto timestamp = rest.substr(std::min(rest.size(), key.size() + 1));
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (!timestamp.empty() && std::ranges::all_of(timestamp, is_digit)) {
    return "the password was made with the timestamp " + std::string(timestamp) +
           " but the client id carries " + std::string(login.timestamp_text);
  }
  return "the DeviceSecret is right, the encrypted text is not: something stands behind the "
         "ProductKey";
}

/// Passwords that are wrong before any cipher is tried.
std::string explain_form(std::string_view password, std::string_view expected,
                         std::string_view product_key, const AesKey& device_secret) {
  if (password.empty()) return "the password is empty";
  if (same_but_for_case(password, to_upper_hex(device_secret))) {
    return "the DeviceSecret itself was sent: send what it encrypts";
  }
  if (same_but_for_case(password, product_key)) {
    return "the ProductKey itself was sent: that is the password of an AUTH- login";
  }
  if (password.starts_with(expected) && password.size() > expected.size()) {
    return "the password is followed by " + std::to_string(password.size() - expected.size()) +
           " characters too many";
  }
  return {};
}

}  // namespace

std::string explain_v2_password(const V2Login& login, std::string_view password,
                                std::string_view product_key, const AesKey& device_secret) {
  Aes aes;
  const auto expected = aes.encrypt_to_hex(
      device_secret, v2_plaintext(login.id, product_key, login.type, login.timestamp_text));
  if (auto form = explain_form(password, expected, product_key, device_secret); !form.empty()) {
    return form;
  }
  const auto received = receive(password);
  if (received) {
    if (auto mistakes = search(received->bytes, login, product_key, device_secret)) {
      if (!received->mistake.empty()) mistakes->push_back(received->mistake);
      return sentence(*mistakes);
    }
  }
  if (expected.starts_with(password)) {
    return "the password is cut off after " + std::to_string(password.size()) + " of " +
           std::to_string(expected.size()) + " characters";
  }
  if (!received) return "the password is not hex: send the ciphertext as upper-case hex";
  if (const auto text = aes.decrypt(device_secret, received->bytes)) {
    return explain_other_text(*text, login, product_key);
  }
  return {};
}

}  // namespace xgate::protocol
