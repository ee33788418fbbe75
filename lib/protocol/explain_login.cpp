// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "protocol/explain_cipher.hpp"
#include "protocol/explain_names.hpp"
#include "protocol/login.hpp"

// Finds what a device did wrong: decrypts what it sent with the keys that are usually mistaken for
// the right one, and looks how the text differs from the right one.
namespace xgate::protocol {
namespace {

using Mistake = std::string_view;  ///< empty: as it should be

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

bool is_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

std::vector<CipherKey> login_keys(std::string_view product_key, const AesKey& device_secret) {
  std::vector<CipherKey> keys{{std::string(device_secret.begin(), device_secret.end()), {}}};
  if (auto key = from_hex(product_key); key && is_product_key(product_key)) {
    keys.push_back(
        {std::move(*key), "the ProductKey was used as the cipher's key, use the DeviceSecret"});
    std::ranges::move(characters_as_key(product_key, "the ProductKey",
                                        "use the DeviceSecret, its hex decoded to 16 bytes"),
                      std::back_inserter(keys));
  }
  std::ranges::move(characters_as_key(to_upper_hex(device_secret), "the DeviceSecret",
                                      "decode its hex to 16 bytes"),
                    std::back_inserter(keys));
  return keys;
}

/// Reads a decrypted text as V2-2's, in any of the ways in which it is usually put together.
class LoginText {
 public:
  LoginText(const V2Login& login, std::string_view product_key, const AesKey& device_secret)
      : login_(login) {
    const auto name = device_name(login.id.product_id, login.id.node_eui);
    const auto full = "V2_" + name + '_' + std::to_string(login.type) + '_';
    names_ = {
        {full + std::string(login.timestamp_text),
         "the whole client id was encrypted, encrypt only ProductID.NodeEui of it"},
        {"V2_" + name, "V2_ stands in the text, begin it with ProductID.NodeEui"},
        {name, {}},
        {std::string(login.id.product_id) + '-' + std::string(login.id.node_eui),
         "the client id was written with a dash, write ProductID.NodeEui"},
        {std::string(login.id.product_id) + '_' + std::string(login.id.node_eui),
         "the client id was written with a _, write ProductID.NodeEui"},
        {std::string(login.id.node_eui),
         "the NodeEui alone was encrypted as client id, write ProductID.NodeEui"},
    };
    keys_ = {
        {std::string(product_key), {}},
        {lower_case(std::string(product_key)),
         "the ProductKey in the text is lower case, take it as it was issued"},
        {to_upper_hex(device_secret),
         "the DeviceSecret stands in the text, write the ProductKey there"},
    };
  }

  /// Nothing where the text is none of those.
  std::optional<Mistakes> read(std::string text) const {
    Mistakes mistakes;
    take_end(text, mistakes);
    if (auto as_characters = from_hex(text); as_characters && text.size() > 64) {
      text = std::move(*as_characters);
      mistakes.emplace_back("the text was turned into hex first, encrypt its characters");
      take_end(text, mistakes);
    }
    std::optional<Mistakes> best;
    for (const auto& name : names_) {
      for (const Choice& joint :
           {Choice{"_", {}}, Choice{"", "the parts are joined without _, put one between them"}}) {
        for (const auto& key : keys_) {
          auto more = order(text, name, joint, key);
          if (more && (!best || more->size() < best->size())) best = std::move(more);
        }
      }
    }
    if (best) best->insert(best->begin(), mistakes.begin(), mistakes.end());
    return best;
  }

 private:
  static void take_end(std::string& text, Mistakes& mistakes) {
    const auto end = text.find_last_not_of(std::string_view("\0\r\n \t", 5)) + 1;
    const auto tail = text.substr(end);
    if (tail.empty()) return;
    mistakes.emplace_back(tail.find('\0') != std::string::npos
                              ? "a NUL stands at the text's end (a C string's, counted by "
                                "sizeof), encrypt what strlen counts"
                          : tail.find('\n') != std::string::npos
                              ? "a line break stands at the text's end, leave it out"
                              : "blanks stand at the text's end, leave them out");
    text.resize(end);
  }

  std::optional<Mistakes> order(std::string_view text, const Choice& name, const Choice& joint,
                                const Choice& key) const {
    Mistakes mistakes;
    for (const auto& part : {name.mistake, joint.mistake, key.mistake}) {
      if (!part.empty()) mistakes.emplace_back(part);
    }
    const auto begin = name.value + joint.value;
    const auto swapped = key.value + joint.value + name.value;
    if (text.starts_with(swapped)) {
      mistakes.emplace_back("the ProductKey stands before ProductID.NodeEui, put it behind");
      return timestamp_behind(text.substr(swapped.size()), joint.value, std::move(mistakes));
    }
    if (!text.starts_with(begin)) return std::nullopt;
    const auto rest = text.substr(begin.size());
    if (rest.starts_with(key.value)) {
      return timestamp_behind(rest.substr(key.value.size()), joint.value, std::move(mistakes));
    }
    const auto end = joint.value + key.value;
    if (!rest.ends_with(end)) return std::nullopt;
    mistakes.emplace_back(
        "the timestamp stands before the ProductKey, the order is client id, ProductKey, "
        "timestamp");
    const auto stamp = rest.substr(0, rest.size() - end.size());
    return with_timestamp(stamp, std::move(mistakes));
  }

  std::optional<Mistakes> timestamp_behind(std::string_view rest, std::string_view joint,
                                           Mistakes mistakes) const {
    if (rest.empty()) {
      if (login_.type == 1) {
        mistakes.emplace_back(
            "the timestamp is not in the text although the type is 1, append _ and the timestamp");
      }
      return mistakes;
    }
    if (!rest.starts_with(joint)) return std::nullopt;
    return with_timestamp(rest.substr(joint.size()), std::move(mistakes));
  }

  std::optional<Mistakes> with_timestamp(std::string_view stamp, Mistakes mistakes) const {
    constexpr std::size_t longest = 20;
    if (!is_digits(stamp) || stamp.size() > longest) return std::nullopt;
    if (login_.type == 0) {
      mistakes.emplace_back(
          "the timestamp is in the text although the type is 0, leave it out or log in with type "
          "1");
    }
    if (stamp != login_.timestamp_text) {
      mistakes.push_back("the text was made with the timestamp " + std::string(stamp) +
                         " but the client id carries " + std::string(login_.timestamp_text));
    }
    return mistakes;
  }

  const V2Login& login_;
  std::vector<Choice> names_;
  std::vector<Choice> keys_;
};

/// The fewest mistakes that make the ciphertext.
std::optional<Mistakes> fewest_mistakes(const WrittenCipher& cipher, const V2Login& login,
                                        std::string_view product_key, const AesKey& device_secret) {
  const LoginText reader(login, product_key, device_secret);
  const CipherTrial trial(cipher);
  std::optional<Mistakes> best;
  for (const auto& key : login_keys(product_key, device_secret)) {
    for (auto& decrypted : trial.texts(key.bytes)) {
      auto mistakes = reader.read(std::move(decrypted.text));
      if (!mistakes) continue;
      std::ranges::move(decrypted.mistakes, std::back_inserter(*mistakes));
      if (!key.mistake.empty()) mistakes->push_back(key.mistake);
      if (!best || mistakes->size() < best->size()) best = std::move(mistakes);
    }
  }
  if (!best) return best;
  std::ranges::copy(cipher.mistakes, std::back_inserter(*best));
  if (cipher.lower_case) best->emplace_back("the hex is lower case, send upper case");
  return best;
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
  const auto text = v2_plaintext(login.id, product_key, login.type, login.timestamp_text);
  const auto expected = aes.encrypt_to_hex(device_secret, text);
  if (password == expected) return {};
  if (auto form = explain_form(password, expected, product_key, device_secret); !form.empty()) {
    return form;
  }
  const bool may_lack_padding = password.size() == 2 * text.size();
  const auto begin = std::string_view(expected).substr(0, password.size());
  const bool shorter = password.size() < expected.size();
  if (shorter && same_but_for_case(begin, password) && !may_lack_padding) {
    return "the password is cut off after " + std::to_string(password.size()) + " of " +
           std::to_string(expected.size()) + " characters" +
           (begin == password ? "" : "; its hex is in lower case as well");
  }
  const auto cipher = read_cipher(password);
  if (!cipher && is_hex(password)) {
    return "the password has " + std::to_string(password.size()) + " hex digits: it must have " +
           std::to_string(expected.size());
  }
  if (!cipher) return "the password is not hex: send the ciphertext as upper-case hex";
  if (auto mistakes = fewest_mistakes(*cipher, login, product_key, device_secret)) {
    return right_but_for("the password", *mistakes);
  }
  const auto other = aes.decrypt(device_secret, cipher->bytes);
  return other ? explain_other_text(*other, login, product_key) : std::string();
}

}  // namespace xgate::protocol
