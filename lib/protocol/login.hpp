// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "protocol/aes.hpp"
#include "protocol/decision.hpp"
#include "protocol/identity.hpp"
#include "protocol/used_timestamps.hpp"

namespace xgate::protocol {

/// What a CONNECT packet carries. Views into the broker's memory.
struct Credentials {
  std::string_view client_id;
  std::string_view username;
  std::string_view password;
};

enum class LoginKind : std::uint8_t {
  auth,   ///< username "AUTH-…"
  v2,     ///< client id "V2_…", or a username of the form O-P-N
  other,  ///< none of the protocol's: an operator's service account, or a stranger
};
LoginKind login_kind(std::string_view client_id, std::string_view username) noexcept;
/// Whether a device could log in, or be known, under this name: as username, client id or "P.N". No
/// service account may have such a one.
bool is_name_of_device(std::string_view name) noexcept;
/// V2-6: whose login this claims to be, as far as it can be read, however wrong the rest is. The
/// client id's device before the username's. What cannot be read stays empty.
IdentityView claimed_identity(const Credentials& credentials) noexcept;

/// A verdict on a login, and whether its password was right: whoever knows it is not guessing.
/// Never of somebody unknown, whatever he sent.
struct LoginVerdict : Decision {
  bool password_fits = false;
};

/// What the platform knows of a product and a device, as the login rules need it.
struct ProductFacts {
  std::string_view open_id;
  std::string_view product_key;  ///< 32 hex digits, exactly as issued
  AuthType auth_type = AuthType::product_secret_unregistered;
  bool enabled = false;
  bool require_type_1 = false;
};
struct DeviceFacts {
  AesKey device_secret{};
  bool enabled = false;
  std::int64_t last_offline_s = 0;  ///< Unix seconds; 0 = never offline
  UsedTimestamps used;              ///< by logins with type 1
};

// AUTH- (§2.2.4)
struct AuthLogin {
  IdentityView id;
};
tl::expected<AuthLogin, Decision> parse_auth_login(const Credentials& credentials) noexcept;
/// AUTH-1. `product` null = no such product; the password is compared all the same.
LoginVerdict check_auth_login(const AuthLogin& login, std::string_view password,
                              const ProductFacts* product) noexcept;

// V2_ (§2.2.5)
struct V2Login {
  IdentityView id;
  int type = 0;  ///< 0: timestamp unchecked, 1: checked
  std::int64_t timestamp = 0;
  std::string_view timestamp_text;       ///< as sent, as it stands in the ciphertext
  std::string_view canonical_client_id;  ///< "V2_P.N", a prefix of the client id: one per device
};
/// V2-1, V2-4's agreement of client id and username.
tl::expected<V2Login, Decision> parse_v2_login(const Credentials& credentials) noexcept;
/// V2-2…V2-4. `product`, `device` null = not known. The password is checked in every case, with
/// a dummy key where the device is unknown, so that both refusals take the same time.
LoginVerdict check_v2_login(const V2Login& login, std::string_view password,
                            const ProductFacts* product, const DeviceFacts* device,
                            std::int64_t now_s, std::int64_t clock_skew_s, Aes& aes) noexcept;

/// The plaintext and password of V2-2, and the whole parameter set (the source's 参数生成工具).
std::string v2_plaintext(const IdentityView& id, std::string_view product_key, int type,
                         std::string_view timestamp);
struct LoginParameters {
  std::string client_id;
  std::string username;
  std::string password;
};
LoginParameters v2_login_parameters(const IdentityView& id, std::string_view product_key,
                                    const AesKey& device_secret, int type, std::int64_t timestamp,
                                    Aes& aes);
LoginParameters auth_login_parameters(const IdentityView& id, std::string_view product_key);

/// V2-6, TRACE-1: names the usual mistake that reproduces `password`, in one sentence without a
/// secret; empty where none does. Slow (dozens of ciphers): never on the broker's thread.
/// Tried: lower-case hex; ProductKey used as the key; the key taken as text; timestamp in or out
/// against the type; no "_" between the parts; ClientId in full (with V2_, type, timestamp);
/// CBC with a zero IV; zero padding or none; the plain DeviceSecret or ProductKey sent.
std::string explain_v2_password(const V2Login& login, std::string_view password,
                                std::string_view product_key, const AesKey& device_secret);

}  // namespace xgate::protocol
