// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "protocol/login.hpp"
#include "require.hpp"

using namespace xgate::protocol;

namespace {

std::string_view next_line(std::string_view& rest) {
  const auto end = rest.find('\n');
  const auto line = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  return line;
}

}  // namespace

/// Client id, username and password, a line each.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Aes aes;
  constexpr std::string_view key = "DB6FACEF35BEBA0517712F0E4BE32936";
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  Credentials credentials;
  credentials.client_id = next_line(rest);
  credentials.username = next_line(rest);
  credentials.password = rest;
  const ProductFacts product{"7ED01E2A", key, AuthType::product_secret_unregistered, true};
  const DeviceFacts device{AesKey{7}, true, 0, {}};
  login_kind(credentials.client_id, credentials.username);

  if (const auto login = parse_auth_login(credentials)) {
    // Whoever is let in has sent exactly what the platform would have.
    if (check_auth_login(*login, credentials.password, &product).allow) {
      const auto made = auth_login_parameters(login->id, key);
      REQUIRE(made.client_id == credentials.client_id && made.username == credentials.username &&
              made.password == credentials.password);
    }
  }
  if (const auto login = parse_v2_login(credentials)) {
    REQUIRE(credentials.client_id.starts_with(login->canonical_client_id));
    const auto decision =
        check_v2_login(*login, credentials.password, &product, &device, 1675404867, 60, aes);
    const auto text = v2_plaintext(login->id, key, login->type, login->timestamp_text);
    const bool fits = aes.encrypt_to_hex(device.device_secret, text) == credentials.password;
    REQUIRE(fits || !decision.allow);
    REQUIRE(decision.allow == decision.reason.empty());
    const auto why = explain_v2_password(*login, credentials.password, key, device.device_secret);
    REQUIRE(!fits || why.empty());
    REQUIRE(why.find(key) == std::string::npos);
  }
  return 0;
}
