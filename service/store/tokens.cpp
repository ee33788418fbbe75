// SPDX-License-Identifier: Apache-2.0
#include "service/store/tokens.hpp"

#include <array>
#include <cerrno>
#include <filesystem>
#include <stdexcept>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include "protocol/session_key.hpp"

namespace xgate::store {
namespace {

constexpr auto valid_sql = "SELECT 1 FROM api_token WHERE token_sha256 = $1 AND revoked_at IS NULL";
constexpr auto lock_first_token_sql = "SELECT pg_advisory_xact_lock(hashtext('xgate first token'))";
constexpr auto any_sql = "SELECT 1 FROM api_token WHERE revoked_at IS NULL LIMIT 1";
constexpr auto insert_first_token_sql =
    "INSERT INTO api_token (name, token_sha256) VALUES ('first', $1)";

pg::Error cannot_write(const std::string& file) {
  pg::Error error;
  error.message =
      "cannot write the API token to " + file + ": " + std::generic_category().message(errno);
  return error;
}

/// Into a new file beside it, then renamed over: never half a token, never readable by others.
pg::Result<void> write_secret(const std::string& file, const std::string& secret) {
  const auto draft = file + "." + std::to_string(::getpid());
  ::unlink(draft.c_str());
  const int fd = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return tl::unexpected(cannot_write(file));
  const bool written =
      ::write(fd, secret.data(), secret.size()) == static_cast<ssize_t>(secret.size()) &&
      ::fsync(fd) == 0;
  const bool closed = ::close(fd) == 0;
  if (!written || !closed || ::rename(draft.c_str(), file.c_str()) != 0) {
    auto error = cannot_write(file);
    ::unlink(draft.c_str());
    return tl::unexpected(std::move(error));
  }
  return {};
}

}  // namespace

std::string token_hash(std::string_view token) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  if (EVP_Digest(token.data(), token.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1) {
    throw std::runtime_error("SHA-256 is not available");
  }
  return {digest.begin(), digest.begin() + size};
}

pg::Result<bool> is_valid_token(pg::Connection& connection, const std::string& hash) {
  auto rows = connection.exec(valid_sql, {pg::bytea_param(hash)});
  if (!rows) return tl::unexpected(std::move(rows).error());
  return rows->size() > 0;
}

pg::Result<bool> ensure_first_token(pg::Connection& connection, const std::string& file) {
  auto transaction = pg::Transaction::begin(connection);
  if (!transaction) return tl::unexpected(std::move(transaction).error());
  // Two services that start at once must not both think that theirs is the first.
  if (auto locked = connection.exec(lock_first_token_sql); !locked) {
    return tl::unexpected(std::move(locked).error());
  }
  auto any = connection.exec(any_sql);
  if (!any) return tl::unexpected(std::move(any).error());
  if (any->size() > 0) return false;
  const auto token = "xgate_" + protocol::new_product_key() + protocol::new_product_key();
  if (auto written = write_secret(file, token + "\n"); !written) {
    return tl::unexpected(std::move(written).error());
  }
  auto inserted = connection.exec(insert_first_token_sql, {pg::bytea_param(token_hash(token))});
  if (!inserted) return tl::unexpected(std::move(inserted).error());
  if (auto committed = transaction->commit(); !committed) {
    return tl::unexpected(std::move(committed).error());
  }
  return true;
}

}  // namespace xgate::store
