// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

namespace xgate::plugin {

/// The service accounts: the lines of a file that mosquitto_passwd writes.
class Accounts {
 public:
  /// PBKDF2-HMAC-SHA512, mosquitto_passwd's "$7$".
  struct Hash {
    int iterations = 0;
    std::vector<std::uint8_t> salt;
    std::vector<std::uint8_t> digest;
    bool operator==(const Hash&) const = default;
  };

  /// The file must not be open to others. An error is one sentence that names the line.
  static tl::expected<Accounts, std::string> read(const std::string& path);
  static tl::expected<Accounts, std::string> parse(std::string_view text);

  /// Null: no such account. The pointer is good as long as this object.
  const Hash* find(std::string_view name) const noexcept;
  static bool verify(const Hash& hash, std::string_view password) noexcept;
  /// The same work where there is no such account (`hash` null), and then false.
  bool verify_or_pretend(const Hash* hash, std::string_view password) const noexcept;
  std::size_t size() const noexcept { return hashes_.size(); }

 private:
  std::map<std::string, Hash, std::less<>> hashes_;
};

}  // namespace xgate::plugin
