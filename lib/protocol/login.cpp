// SPDX-License-Identifier: Apache-2.0
#include "protocol/login.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include <openssl/crypto.h>

namespace xgate::protocol {
namespace {

constexpr std::string_view auth_prefix = "AUTH-";
constexpr std::string_view v2_prefix = "V2_";
constexpr std::size_t id_length = 8;
/// What strangers are compared with.
constexpr std::string_view no_product_key = "00000000000000000000000000000000";

/// "X-Y": the id before the first dash and all that follows it. The id is not judged.
struct Dashed {
  std::string_view head;
  std::string_view tail;
};
std::optional<Dashed> split_at_dash(std::string_view text) noexcept {
  const auto dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  return Dashed{text.substr(0, dash), text.substr(dash + 1)};
}

bool looks_like_device_username(std::string_view username) noexcept {
  const auto vendor = split_at_dash(username);
  const auto product = vendor ? split_at_dash(vendor->tail) : std::nullopt;
  return product && is_open_id(vendor->head) && is_product_id(product->head);
}

tl::unexpected<Decision> refuse(std::string_view requirement, std::string_view reason) noexcept {
  return tl::make_unexpected(refused(requirement, reason));
}

/// Of "V2_P.N…" or "P-N", whatever follows in the first.
std::optional<IdentityView> device_of_client_id(std::string_view client_id) noexcept {
  if (client_id.starts_with(v2_prefix)) {
    client_id.remove_prefix(v2_prefix.size());
    return parse_device_name(client_id.substr(0, client_id.find('_')));
  }
  const auto dashed = split_at_dash(client_id);
  if (!dashed || !is_product_id(dashed->head) || !is_node_eui(dashed->tail)) return std::nullopt;
  return IdentityView{{}, dashed->head, dashed->tail};
}

std::optional<std::int64_t> parse_seconds(std::string_view text) noexcept {
  constexpr std::size_t most_digits = 19;  // leading zeros would make a client id of 64 KB
  if (text.size() > most_digits) return std::nullopt;
  std::int64_t seconds = 0;
  const auto* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, seconds);
  if (error != std::errc() || rest != end || seconds < 0) return std::nullopt;
  return seconds;
}

/// What follows "V2_": P.N_type_timestamp.
struct V2ClientId {
  std::string_view product_id;
  std::string_view node_eui;
  std::string_view type;
  std::string_view timestamp;
};
std::optional<V2ClientId> split_v2_client_id(std::string_view text) noexcept {
  const auto dot = text.find('.');
  const auto first = text.find('_');
  const auto second = first == std::string_view::npos ? first : text.find('_', first + 1);
  if (second == std::string_view::npos || dot > first) return std::nullopt;
  return V2ClientId{text.substr(0, dot), text.substr(dot + 1, first - dot - 1),
                    text.substr(first + 1, second - first - 1), text.substr(second + 1)};
}

/// V2-2's text in place: the broker's thread allocates nothing.
class Plaintext {
 public:
  Plaintext& operator<<(std::string_view part) noexcept {
    const auto size = std::min(part.size(), text_.size() - size_);
    std::copy_n(part.data(), size, text_.data() + size_);
    size_ += size;
    return *this;
  }
  std::string_view text() const noexcept { return {text_.data(), size_}; }

 private:
  std::array<char, 128> text_{};  // at most 8 + 1 + 32 + 1 + 32 + 1 + 19
  std::size_t size_ = 0;
};

template <class Text>
Text& write_v2_plaintext(Text& text, const IdentityView& id, std::string_view product_key, int type,
                         std::string_view timestamp) {
  text << id.product_id << "." << id.node_eui << "_" << product_key;
  if (type == 1) text << "_" << timestamp;
  return text;
}

/// V2-3 for type 1.
Decision check_timestamp(std::int64_t timestamp, const DeviceFacts& device, std::int64_t now_s,
                         std::int64_t clock_skew_s, bool only_type_1) noexcept {
  if (timestamp > now_s + clock_skew_s) {
    // The year 5138 in seconds is the year 1973 in milliseconds.
    constexpr std::int64_t surely_milliseconds = 100'000'000'000;
    return timestamp >= surely_milliseconds
               ? refused("V2-3", "type 1: the timestamp looks like milliseconds: send seconds")
           : only_type_1
               ? refused("V2-3", "type 1: the timestamp lies in the future: set the device's clock")
               : refused("V2-3",
                         "type 1: the timestamp lies in the future: set the device's clock, or "
                         "log in with type 0 once and ask for the time");
  }
  if (timestamp == device.last_offline_s) {
    return refused("V2-3",
                   "type 1: the timestamp is of the very second in which the device's last session "
                   "ended, and must be later: log in again a second later");
  }
  if (timestamp < device.last_offline_s) {
    return refused("V2-3",
                   "type 1: the timestamp is not later than the end of the device's last "
                   "session: take the current time for every login");
  }
  if (device.used.holds(timestamp)) {
    return refused(
        "V2-3",
        "type 1: this timestamp was used by an earlier login, or is older than one: take "
        "the current time for every login");
  }
  return allowed;
}

}  // namespace

LoginKind login_kind(std::string_view client_id, std::string_view username) noexcept {
  if (username.starts_with(auth_prefix)) return LoginKind::auth;
  if (client_id.starts_with(v2_prefix) || looks_like_device_username(username)) {
    return LoginKind::v2;
  }
  return LoginKind::other;
}

tl::expected<AuthLogin, Decision> parse_auth_login(const Credentials& credentials) noexcept {
  constexpr std::string_view requirement = "AUTH-1";
  if (!credentials.username.starts_with(auth_prefix)) {
    return refuse(requirement, "the username is not of the form AUTH-OpenID-ProductID");
  }
  const auto username = split_at_dash(credentials.username.substr(auth_prefix.size()));
  if (!username || !is_open_id(username->head) || !is_product_id(username->tail)) {
    return refuse(requirement,
                  "the username is not of the form AUTH-OpenID-ProductID, each id of 8 hex digits");
  }
  if (credentials.client_id.starts_with(v2_prefix)) {
    return refuse(requirement,
                  "the client id is of a V2_ login but the username of an AUTH- login");
  }
  const auto client = split_at_dash(credentials.client_id);
  if (!client || !is_product_id(client->head)) {
    return refuse(requirement,
                  "the client id is not of the form ProductID-NodeEui, the ProductID of 8 hex "
                  "digits");
  }
  if (!is_node_eui(client->tail)) {
    return refuse("ID-3", "the NodeEui in the client id is not of 4 to 32 letters and digits");
  }
  if (client->head != username->tail) {
    return refuse(requirement, "client id and username name different products");
  }
  return AuthLogin{{username->head, client->head, client->tail}};
}

bool is_name_of_device(std::string_view name) noexcept {
  return login_kind(name, name) != LoginKind::other || parse_device_name(name) ||
         device_of_client_id(name);
}

IdentityView claimed_identity(const Credentials& credentials) noexcept {
  auto username = credentials.username;
  const bool is_auth = username.starts_with(auth_prefix);
  if (is_auth) username.remove_prefix(auth_prefix.size());
  const auto next = [&username] {
    const auto part = username.substr(0, username.find('-'));
    username.remove_prefix(std::min(part.size() + 1, username.size()));
    return part;
  };
  IdentityView claimed;
  if (const auto open_id = next(); is_open_id(open_id)) claimed.open_id = open_id;
  // Without V2_ it may as well be "O-P", so that a device's username tells more.
  const bool by_client_id = credentials.client_id.starts_with(v2_prefix) ||
                            !looks_like_device_username(credentials.username);
  if (const auto named = device_of_client_id(credentials.client_id); named && by_client_id) {
    return {claimed.open_id, named->product_id, named->node_eui};
  }
  if (const auto product_id = next(); is_product_id(product_id)) claimed.product_id = product_id;
  auto node_eui = username;
  if (is_auth) {
    const auto client_id = split_at_dash(credentials.client_id);
    node_eui = client_id ? client_id->tail : std::string_view();
  }
  if (is_node_eui(node_eui)) claimed.node_eui = node_eui;
  return claimed;
}

namespace {

Decision judge_auth_login(const AuthLogin& login, const ProductFacts* product,
                          bool password_fits) noexcept {
  constexpr std::string_view requirement = "AUTH-1";
  if (product == nullptr) return refused(requirement, "no such product");
  if (product->open_id != login.id.open_id) {
    return refused(requirement, "the product belongs to another OpenID");
  }
  if (!product->enabled) return refused(requirement, "the product or its vendor is disabled");
  if (password_fits) return allowed;
  return refused(requirement,
                 "the password is not the ProductKey, letter by letter as it was issued");
}

}  // namespace

LoginVerdict check_auth_login(const AuthLogin& login, std::string_view password,
                              const ProductFacts* product) noexcept {
  // Before anything is decided, and for strangers too, as in check_v2_login().
  const auto key = product ? product->product_key : no_product_key;
  const bool same = password.size() == key.size() &&
                    CRYPTO_memcmp(password.data(), key.data(), password.size()) == 0;
  const bool fits = same && product != nullptr;
  return {judge_auth_login(login, product, fits), fits};
}

tl::expected<V2Login, Decision> parse_v2_login(const Credentials& credentials) noexcept {
  constexpr std::string_view requirement = "V2-1";
  if (!credentials.client_id.starts_with(v2_prefix)) {
    return refuse(requirement,
                  "the client id is not of the form V2_ProductID.NodeEui_type_timestamp");
  }
  const auto client = split_v2_client_id(credentials.client_id.substr(v2_prefix.size()));
  if (!client || !is_product_id(client->product_id)) {
    return refuse(requirement,
                  "the client id is not of the form V2_ProductID.NodeEui_type_timestamp, the "
                  "ProductID of 8 hex digits");
  }
  if (!is_node_eui(client->node_eui)) {
    return refuse("ID-3", "the NodeEui in the client id is not of 4 to 32 letters and digits");
  }
  if (client->type != "0" && client->type != "1") {
    return refuse(requirement, "the type in the client id is neither 0 nor 1");
  }
  const auto timestamp = parse_seconds(client->timestamp);
  if (!timestamp) {
    return refuse(requirement, "the timestamp in the client id is not a decimal number of seconds");
  }

  const auto vendor = split_at_dash(credentials.username);
  const auto product = vendor ? split_at_dash(vendor->tail) : std::nullopt;
  if (!product || !is_open_id(vendor->head)) {
    return refuse(requirement,
                  "the username is not of the form OpenID-ProductID-NodeEui, the OpenID of 8 hex "
                  "digits");
  }
  if (product->head != client->product_id) {
    return refuse("V2-4", "client id and username name different products");
  }
  if (product->tail != client->node_eui) {
    return refuse("V2-4", "client id and username name different devices");
  }
  const auto canonical = v2_prefix.size() + id_length + 1 + client->node_eui.size();
  return V2Login{{vendor->head, client->product_id, client->node_eui},
                 client->type == "1" ? 1 : 0,
                 *timestamp,
                 client->timestamp,
                 credentials.client_id.substr(0, canonical)};
}

namespace {

Decision judge_v2_login(const V2Login& login, const ProductFacts* product,
                        const DeviceFacts* device, bool password_fits, std::int64_t now_s,
                        std::int64_t clock_skew_s) noexcept {
  if (product == nullptr) return refused("V2-4", "no such product");
  if (product->open_id != login.id.open_id) {
    return refused("V2-4", "the product belongs to another OpenID");
  }
  if (!product->enabled) return refused("V2-4", "the product or its vendor is disabled");
  if (device == nullptr) {
    return refused("V2-4",
                   product->auth_type == AuthType::product_secret_unregistered
                       ? "the device is not registered: log in with the AUTH- credentials and ask "
                         "for authentication first"
                       : "the device is not registered: this product's devices are registered on "
                         "the platform before their first login");
  }
  if (!device->enabled) return refused("V2-4", "the device is disabled");
  if (!password_fits) {
    return refused("V2-2",
                   "the password is not the one that DeviceSecret, ProductKey and client id give");
  }
  if (login.type == 1) {
    return check_timestamp(login.timestamp, *device, now_s, clock_skew_s, product->require_type_1);
  }
  if (product->require_type_1) {
    return refused("V2-3",
                   "type 0: the product takes logins of type 1 alone (require_type_1): log in with "
                   "type 1 and the current time");
  }
  return allowed;
}

}  // namespace

LoginVerdict check_v2_login(const V2Login& login, std::string_view password,
                            const ProductFacts* product, const DeviceFacts* device,
                            std::int64_t now_s, std::int64_t clock_skew_s, Aes& aes) noexcept {
  // Before anything is decided, and for strangers too: the time taken must not tell who exists.
  constexpr AesKey nobody{};
  Plaintext plaintext;
  write_v2_plaintext(plaintext, login.id, product ? product->product_key : no_product_key,
                     login.type, login.timestamp_text);
  const bool same =
      aes.matches(device ? device->device_secret : nobody, plaintext.text(), password);
  const bool fits = same && product != nullptr && device != nullptr;
  return {judge_v2_login(login, product, device, fits, now_s, clock_skew_s), fits};
}

namespace {

struct Appender {
  std::string text;
  Appender& operator<<(std::string_view part) {
    text += part;
    return *this;
  }
};

}  // namespace

std::string v2_plaintext(const IdentityView& id, std::string_view product_key, int type,
                         std::string_view timestamp) {
  Appender appender;
  return std::move(write_v2_plaintext(appender, id, product_key, type, timestamp).text);
}

LoginParameters v2_login_parameters(const IdentityView& id, std::string_view product_key,
                                    const AesKey& device_secret, int type, std::int64_t timestamp,
                                    Aes& aes) {
  const auto timestamp_text = std::to_string(timestamp);
  LoginParameters parameters;
  parameters.client_id = std::string(v2_prefix) + device_name(id.product_id, id.node_eui) + '_' +
                         std::to_string(type) + '_' + timestamp_text;
  parameters.username =
      std::string(id.open_id) + '-' + std::string(id.product_id) + '-' + std::string(id.node_eui);
  parameters.password =
      aes.encrypt_to_hex(device_secret, v2_plaintext(id, product_key, type, timestamp_text));
  return parameters;
}

LoginParameters auth_login_parameters(const IdentityView& id, std::string_view product_key) {
  return {std::string(id.product_id) + '-' + std::string(id.node_eui),
          std::string(auth_prefix) + std::string(id.open_id) + '-' + std::string(id.product_id),
          std::string(product_key)};
}

}  // namespace xgate::protocol
