// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "service/api/http.hpp"
#include "service/store/brokers.hpp"

namespace xgate::api {

/// The role that a token must have, at least; open: none is asked for.
enum class Access : std::uint8_t { open, read, operate, admin };
/// Whose things an operation is about, which a token's scope is held against.
enum class Of : std::uint8_t {
  nobody,    ///< asked without a token
  platform,  ///< not for tokens with a scope
  several,   ///< the handler looks what of it lies within the scope
  // the one that the path's first {…} names
  vendor,
  product,
  device,
  command,
  image,
  job
};
/// file: streamed to Request::file, whatever its size within [firmware] max_mb.
enum class Body : std::uint8_t { none, json, csv, file, script };
/// nothing: answered on the I/O thread, whatever the database does. needed: on a worker.
enum class Database : std::uint8_t { nothing, needed };

struct Route {
  std::string_view method;
  std::string_view path;       ///< segments; "{…}" takes any one
  std::string_view operation;  ///< its operationId in docs/openapi.yaml
  Handler handler;
  Access access;
  Of of;
  Body body = Body::none;
  Database database = Database::needed;
  /// Asked before the body is read: its refusal is the answer, and the body need not be sent.
  Handler before = nullptr;
  /// Of what it changes: the answer waits until brokers go by it.
  store::Effect effect = store::Effect::none;

  /// It looks after its Idempotency-Keys itself.
  bool keeps_keys = false;
  /// False: a POST that only works something out, for no audit list.
  bool changes = true;

  constexpr Route effective_at(store::Effect where) const {
    Route route = *this;
    route.effect = where;
    return route;
  }
  constexpr Route changing_nothing() const {
    Route route = *this;
    route.changes = false;
    return route;
  }
  constexpr Route with_keys_of_its_own() const {
    Route route = *this;
    route.keeps_keys = true;
    return route;
  }
};

inline constexpr std::size_t max_json_bytes = std::size_t{1} << 20U;
/// A script's own bound is lower: what is longer is told so, not cut off.
inline constexpr std::size_t max_script_bytes = std::size_t{64} << 10U;
inline constexpr std::size_t max_csv_bytes = std::size_t{64} << 20U;
/// The most that a route's body may have.
std::size_t body_limit(const Route& route) noexcept;

/// Every operation of the API (routes.cpp); docs/openapi.yaml has the same.
std::span<const Route> routes() noexcept;
/// Of these /metrics alone, for an address of its own.
std::span<const Route> metrics_routes() noexcept;

struct Match {
  const Route* route = nullptr;
  std::vector<std::string> parameters;
};
/// 404 where no path fits, 405 with Allow where only the method does not.
Result<Match> find_route(std::span<const Route> table, std::string_view method,
                         std::string_view path);
/// 415 where a body of this Content-Type is not what the route takes.
Result<void> check_content_type(const Route& route, std::string_view content_type);

/// What an Authorization field has after "Bearer" (in any case) and blanks; nothing where it has no
/// token.
std::optional<std::string_view> bearer_token(std::string_view authorization);

/// %XX decoded; nothing where one is malformed or makes a NUL.
std::optional<std::string> percent_decoded(std::string_view text);

struct Target {
  std::string path;
  std::vector<std::pair<std::string, std::string>> query;
};
/// A request line's target taken apart, a whole URL's too (RFC 9112, 3.2.2); the path's segments
/// are decoded by find_route.
Result<Target> parse_target(std::string_view target);

}  // namespace xgate::api
