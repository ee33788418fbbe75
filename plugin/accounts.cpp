// SPDX-License-Identifier: Apache-2.0
#include "plugin/accounts.hpp"

#include <array>
#include <cerrno>
#include <charconv>
#include <optional>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include "protocol/base64.hpp"
#include "protocol/login.hpp"

namespace xgate::plugin {
namespace {

constexpr std::size_t largest_file = 1024 * 1024;
constexpr std::size_t digest_size = 64;
// The broker's only thread stands still while a password is checked: for about a millisecond.
// mosquitto_passwd writes 101 (2.0) or 1000 (2.1).
constexpr int most_iterations = 1000;

/// "$7$iterations$salt$digest".
std::optional<Accounts::Hash> parse_hash(std::string_view text) {
  if (!text.starts_with("$7$")) return std::nullopt;
  text.remove_prefix(3);
  const auto first = text.find('$');
  const auto second = first == std::string_view::npos ? first : text.find('$', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  Accounts::Hash hash;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + first, hash.iterations);
  if (error != std::errc() || rest != text.data() + first || hash.iterations < 1) {
    return std::nullopt;
  }
  const auto salt = protocol::from_base64(text.substr(first + 1, second - first - 1));
  const auto digest = protocol::from_base64(text.substr(second + 1));
  if (!salt || !digest || salt->empty() || digest->size() != digest_size) return std::nullopt;
  hash.salt.assign(salt->begin(), salt->end());
  hash.digest.assign(digest->begin(), digest->end());
  return hash;
}

std::string system_error(const std::string& path) {
  return path + ": " + std::generic_category().message(errno);
}

tl::expected<std::string, std::string> read_private_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return tl::make_unexpected(system_error(path));
  struct Closer {
    int descriptor;
    ~Closer() { ::close(descriptor); }
  } const closer{fd};
  struct stat status {};
  if (::fstat(fd, &status) != 0) return tl::make_unexpected(system_error(path));
  if (!S_ISREG(status.st_mode)) return tl::make_unexpected(path + " is no regular file");
  if ((status.st_mode & 07U) != 0) {
    return tl::make_unexpected(path + " is open to everybody: its mode must be 0600 or 0640");
  }
  if (static_cast<std::size_t>(status.st_size) > largest_file) {
    return tl::make_unexpected(path + " is too large for a file of accounts");
  }
  std::string text;
  std::array<char, 4096> buffer{};
  for (;;) {
    const auto count = ::read(fd, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return tl::make_unexpected(system_error(path));
    if (count == 0 || text.size() > largest_file) return text;
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
}

tl::unexpected<std::string> refuse(int line, std::string_view why) {
  return tl::make_unexpected("line " + std::to_string(line) + ": " + std::string(why));
}

}  // namespace

tl::expected<Accounts, std::string> Accounts::read(const std::string& path) {
  auto text = read_private_file(path);
  if (!text) return tl::make_unexpected(std::move(text).error());
  auto accounts = parse(*text);
  OPENSSL_cleanse(text->data(), text->size());
  if (!accounts) return tl::make_unexpected(path + ", " + accounts.error());
  return accounts;
}

tl::expected<Accounts, std::string> Accounts::parse(std::string_view text) {
  Accounts accounts;
  for (int number = 1; !text.empty(); ++number) {
    const auto end = text.find('\n');
    auto line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || line.starts_with('#')) continue;
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0) {
      return refuse(number, "not of the form name:hash");
    }
    const auto name = line.substr(0, colon);
    if (protocol::is_name_of_device(name)) {
      return refuse(number,
                    "the account's name is one that a device logs in with or is known by: choose "
                    "another");
    }
    auto hash = parse_hash(line.substr(colon + 1));
    if (!hash) {
      return refuse(number,
                    "not a hash of the form $7$iterations$salt$digest, as mosquitto_passwd of "
                    "Mosquitto 2.0 writes it");
    }
    if (hash->iterations > most_iterations) {
      return refuse(number, "the account's hash takes " + std::to_string(hash->iterations) +
                                " iterations, and at most " + std::to_string(most_iterations) +
                                " are taken: the whole broker waits while a password is checked. "
                                "Set the password anew with mosquitto_passwd, without -I");
    }
    if (verify(*hash, {})) {
      return refuse(number, "the account's password is empty: anybody could use it");
    }
    if (!accounts.hashes_.try_emplace(std::string(name), std::move(*hash)).second) {
      return refuse(number, "the account stands there twice");
    }
  }
  return accounts;
}

const Accounts::Hash* Accounts::find(std::string_view name) const noexcept {
  const auto found = hashes_.find(name);
  return found == hashes_.end() ? nullptr : &found->second;
}

bool Accounts::verify(const Hash& hash, std::string_view password) noexcept {
  std::array<std::uint8_t, digest_size> digest{};
  const int done =
      PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), hash.salt.data(),
                        static_cast<int>(hash.salt.size()), hash.iterations, EVP_sha512(),
                        static_cast<int>(digest.size()), digest.data());
  return done == 1 && CRYPTO_memcmp(digest.data(), hash.digest.data(), digest.size()) == 0;
}

bool Accounts::verify_or_pretend(const Hash* hash, std::string_view password) const noexcept {
  if (hash != nullptr) return verify(*hash, password);
  if (!hashes_.empty()) (void)verify(hashes_.begin()->second, password);
  return false;
}

}  // namespace xgate::plugin
