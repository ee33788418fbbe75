// SPDX-License-Identifier: Apache-2.0
#include "protocol/explain_names.hpp"

#include <algorithm>
#include <optional>

#include "protocol/aes.hpp"
#include "protocol/explain_cipher.hpp"

namespace xgate::protocol {
namespace {

constexpr std::string_view separators = "-_.:/ ";

char raised(char c) noexcept { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }
char lowered(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

/// A name cut at whatever may stand between its parts.
struct Parts {
  std::vector<std::string_view> words;
  std::string between;  ///< the separators, one each

  explicit Parts(std::string_view text) {
    while (true) {
      const auto at = text.find_first_of(separators);
      words.push_back(text.substr(0, at));
      if (at == std::string_view::npos) return;
      between += text[at];
      text.remove_prefix(at + 1);
    }
  }
  std::string_view word(std::size_t index) const {
    return index < words.size() ? words[index] : std::string_view();
  }
};

std::string_view without_blanks(std::string_view text) noexcept {
  constexpr std::string_view blanks = " \t\r\n";
  const auto begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

std::string explain_blanks(std::string_view what, std::string_view text) {
  if (without_blanks(text).size() == text.size()) return {};
  return std::string(what) + (text.find_first_of("\r\n") != std::string_view::npos
                                  ? " begins or ends with a line break"
                                  : " begins or ends with a blank");
}

/// Everything but the ids themselves: prefix, number of parts, what stands between them.
std::string explain_username(std::string_view username, bool is_auth) {
  const std::string form = is_auth ? "AUTH-OpenID-ProductID" : "OpenID-ProductID-NodeEui";
  const Parts parts(username);
  if (is_auth && parts.word(0) != "AUTH") {
    return "the username begins with AUTH in another case, write " + form;
  }
  if (parts.words.size() != 3) {
    const auto count = std::to_string(parts.words.size());
    return "the username has " + count + " parts, not 3: write " + form;
  }
  const auto other = parts.between.find_first_not_of('-');
  if (other == std::string::npos) return {};
  return "a " + std::string(1, parts.between[other]) +
         " stands in the username where a - belongs, write " + form;
}

std::string explain_auth_client_id(std::string_view client_id) {
  const Parts parts(client_id);
  if (parts.words.size() != 2) return {};
  if (parts.between == "-") return {};
  return "a " + parts.between +
         " stands in the client id where a - belongs, write "
         "ProductID-NodeEui";
}

std::string explain_v2_client_id(std::string_view client_id) {
  constexpr std::string_view form = "V2_ProductID.NodeEui_type_timestamp";
  const Parts parts(client_id);
  if (parts.words.size() == 2 && is_product_id(parts.word(0))) {
    return "the client id is of an AUTH- login, a V2_ login's is " + std::string(form);
  }
  if (parts.word(0) != "V2") {
    return same_but_for_case(parts.word(0), "V2")
               ? "the client id begins with v2, write " + std::string(form)
               : std::string();
  }
  if (parts.words.size() != 5) {
    return "the client id has " + std::to_string(parts.words.size()) + " parts, not 5: write " +
           std::string(form);
  }
  if (parts.between == "_.__") return {};
  return "the parts of the client id are joined by other characters than in " + std::string(form);
}

/// The two ids of the username against what exists.
std::string explain_ids(std::string_view open_id, std::string_view product_id,
                        std::string_view product_id_of_client,
                        std::span<const NamedProduct> products) {
  for (const auto& product : products) {
    if (same_but_for_case(open_id, product.product_id) &&
        same_but_for_case(product_id, product.open_id)) {
      return "OpenID and ProductID are swapped in the username: the OpenID comes first";
    }
  }
  for (const auto& product : products) {
    const bool meant = same_but_for_case(product_id, product.product_id) ||
                       same_but_for_case(product_id_of_client, product.product_id);
    if (!meant || !same_but_for_case(open_id, product.open_id)) continue;
    const auto exact = std::string(product.product_id);
    if (same_but_for_case(product_id, product.product_id) && product_id != product.product_id) {
      return "the ProductID in the username is in another case, write " + exact;
    }
    if (product_id_of_client != product.product_id &&
        same_but_for_case(product_id_of_client, product.product_id)) {
      return "the ProductID in the client id is in another case, write " + exact;
    }
    if (open_id != product.open_id) {
      return "the OpenID is in another case, write " + std::string(product.open_id);
    }
  }
  return {};
}

/// Of a text that begins or ends with the right one, what else is there.
std::string explain_rest(std::string_view rest, std::string_view where) {
  std::string what = std::to_string(rest.size()) + " characters too many";
  if (rest.find('\0') != std::string_view::npos) what = "a NUL (a C string's end)";
  if (rest == " ") what = "a blank";
  if (rest == "\n" || rest == "\r\n" || rest == "\r") what = "a line break";
  return "the ProductKey is right, and " + std::string(where) + " it stands " + what;
}

/// Whether this is what a V2_ login's password looks like, or surely is one of this device.
std::string explain_v2_password_sent(const IdentityView& id, std::string_view password,
                                     std::string_view device_secret) {
  const auto cipher = read_cipher(password);
  if (!cipher || cipher->has_lost_end || cipher->bytes.size() < 48) return {};
  const auto key = from_hex(device_secret);
  if (!key || key->empty()) return "it looks like the password of a V2_ login: send the ProductKey";
  const CipherTrial trial(*cipher);
  for (const auto& decrypted : trial.texts(*key)) {
    if (decrypted.text.find(id.node_eui) != std::string::npos) {
      return "the password of a V2_ login was sent: an AUTH- login's is the ProductKey";
    }
  }
  return "it looks like the password of a V2_ login: send the ProductKey";
}

}  // namespace

bool same_but_for_case(std::string_view one, std::string_view other) noexcept {
  return std::ranges::equal(one, other, {}, raised, raised);
}

std::vector<std::string> in_either_case(std::string_view name) {
  std::string upper(name);
  std::string lower(name);
  std::ranges::transform(upper, upper.begin(), raised);
  std::ranges::transform(lower, lower.begin(), lowered);
  return {std::move(upper), std::move(lower)};
}

std::vector<std::string> possible_product_ids(const Credentials& credentials) {
  constexpr std::size_t most = 12;
  std::vector<std::string> ids;
  const auto add = [&](std::string id) {
    if (ids.size() < most && std::ranges::find(ids, id) == ids.end()) ids.push_back(std::move(id));
  };
  for (const auto name : {credentials.client_id, credentials.username}) {
    for (const auto word : Parts(without_blanks(name)).words) {
      if (!is_product_id(word)) continue;
      add(std::string(word));
      for (std::string& id : in_either_case(word)) add(std::move(id));
    }
  }
  return ids;
}

std::string explain_names(const Credentials& credentials, std::span<const NamedProduct> products) {
  for (const auto& [what, text] : {std::pair{"the client id", credentials.client_id},
                                   std::pair{"the username", credentials.username}}) {
    if (auto blanks = explain_blanks(what, text); !blanks.empty()) return blanks;
  }
  const Parts username(credentials.username);
  const Parts client(credentials.client_id);
  const bool is_auth = same_but_for_case(username.word(0), "AUTH");
  const bool is_v2 = same_but_for_case(client.word(0), "V2");
  // A stranger to the protocol has made no mistake in it.
  if (!is_auth && !is_v2 && !is_product_id(username.word(0))) return {};
  if (is_auth && is_v2) return {};  // the refusal says that
  if (auto form = explain_username(credentials.username, is_auth); !form.empty()) return form;
  auto form = is_auth ? explain_auth_client_id(credentials.client_id)
                      : explain_v2_client_id(credentials.client_id);
  if (!form.empty()) return form;
  const std::size_t first = is_auth ? 1 : 0;
  return explain_ids(username.word(first), username.word(first + 1), client.word(is_v2 ? 1 : 0),
                     products);
}

std::string explain_auth_password(const IdentityView& id, std::string_view password,
                                  std::string_view product_key, std::string_view device_secret) {
  if (password.empty()) return "the password is empty: send the ProductKey";
  if (same_but_for_case(password, product_key)) {
    return "the ProductKey was sent in another case: send it as it was issued";
  }
  if (same_but_for_case(password, device_secret)) {
    return "the DeviceSecret was sent: an AUTH- login's password is the ProductKey";
  }
  const auto key = product_key.substr(0, password.size());
  if (password.size() < product_key.size() && same_but_for_case(password, key)) {
    return "the ProductKey is cut off after " + std::to_string(password.size()) + " of " +
           std::to_string(product_key.size()) + " characters";
  }
  if (password.size() > product_key.size()) {
    const auto extra = password.size() - product_key.size();
    if (same_but_for_case(password.substr(0, product_key.size()), product_key)) {
      return explain_rest(password.substr(product_key.size()), "behind");
    }
    if (same_but_for_case(password.substr(extra), product_key)) {
      const auto front = password.substr(0, extra);
      return same_but_for_case(front, "0X") ? "0x stands in front of the ProductKey, leave it out"
                                            : explain_rest(front, "before");
    }
    const auto middle = password.substr(1, product_key.size());
    if (extra == 2 && same_but_for_case(middle, product_key)) {
      return "quotation marks or brackets stand around the ProductKey, leave them out";
    }
  }
  return explain_v2_password_sent(id, password, device_secret);
}

}  // namespace xgate::protocol
