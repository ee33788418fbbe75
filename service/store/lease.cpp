// SPDX-License-Identifier: Apache-2.0
#include "service/store/lease.hpp"

#include <string_view>

namespace xgate::store {
namespace {

// Two numbers: the first keeps our locks apart from other users of advisory locks in this database.
constexpr std::string_view take_lock =
    "SELECT pg_try_advisory_lock(hashtext('xgate broker'), hashtext($1))";

constexpr std::string_view raise_number = "SELECT raise_fence($1, $2)";
constexpr std::string_view read_number =
    "SELECT coalesce((SELECT fence FROM broker WHERE broker = $1), 0)";

pg::Result<std::int64_t> number_in(const pg::Result<pg::Rows>& rows) {
  if (!rows) {
    return tl::unexpected(rows.error());
  }
  return rows->int64(0, 0);
}

/// It goes along with BEGIN, which takes no parameters.
std::string literal_of(std::string_view text) {
  std::string literal = "E'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') literal += c;
    literal += c;
  }
  return literal + '\'';
}

}  // namespace

pg::Result<bool> try_lease(pg::Connection& connection, const std::string& broker) {
  const auto rows = connection.exec(take_lock, {broker});
  if (!rows) {
    return tl::unexpected(rows.error());
  }
  return rows->boolean(0, 0);
}

pg::Result<std::int64_t> raise_fence(pg::Connection& connection, const std::string& broker,
                                     std::int64_t had) {
  return number_in(connection.exec(raise_number, {broker, std::to_string(had)}));
}

pg::Result<std::int64_t> read_fence(pg::Connection& connection, const std::string& broker) {
  return number_in(connection.exec(read_number, {broker}));
}

std::string fence_guard(const std::string& broker, std::int64_t number) {
  return "SELECT check_fence(" + literal_of(broker) + ", " + std::to_string(number) + ")";
}

bool is_fenced_off(const pg::Error& error) noexcept { return error.sqlstate == "XG001"; }

}  // namespace xgate::store
