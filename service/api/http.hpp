// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

#include "pg/connection.hpp"
#include "service/api/actions.hpp"
#include "service/observe/metrics.hpp"
#include "service/store/tokens.hpp"

namespace xgate::firmware {
class Incoming;
struct FileError;
}  // namespace xgate::firmware

// HTTP as the handlers see it. Sockets and Beast are server.cpp's.
namespace xgate::api {

/// RFC 9457: why a request was not done.
struct Problem {
  int status = 500;
  std::string type;    ///< what follows "urn:xgate:problem:"
  std::string detail;  ///< one sentence
  struct Member {
    std::string pointer;  ///< JSON pointer into the body: "/node_eui"
    std::string detail;
  };
  std::vector<Member> errors;
  int retry_after_s = 0;  ///< 0: no such header
  std::string allow;      ///< of 405
  std::string position;   ///< of 410: from where on all is kept
};

template <class T>
using Result = tl::expected<T, Problem>;

Problem bad_request(std::string detail);
Problem unauthorized(std::string detail);
Problem forbidden(std::string detail);
Problem too_many_failures(int retry_after_s);  ///< wrong tokens, from the client's address
Problem not_found(std::string detail);
Problem no_product(const std::string& product_id);  ///< 404
Problem conflict(std::string detail);
/// 429 where an address has its share of the connections, else 503 (LIMIT-10).
Problem too_many_connections(bool share, std::string detail);
Problem request_timeout(std::string detail);       ///< 408 (LIMIT-11)
Problem stranger(int status, std::string detail);  ///< web::Stranger
Problem no_longer_kept(std::string detail);        ///< 410
Problem unavailable(std::string detail);
/// 409: the same request is being done.
Problem in_progress(std::string detail);
/// 503: COMMIT got no answer.
Problem outcome_unknown(std::string detail);
/// 503 where the database is away or busy, else 500; the details go to the log, not to the client.
Problem from_database(const pg::Error& error);
/// 507 where the disk is full, else 500.
Problem from_disk(const firmware::FileError& error);

struct Request {
  std::string method;
  std::string path;
  std::vector<std::string> parameters;  ///< the route's {…}, in order, decoded
  std::vector<std::pair<std::string, std::string>> query;
  std::string body;
  std::shared_ptr<firmware::Incoming>
      file;                     ///< of Body::file, every byte written; null: it is empty
  std::string idempotency_key;  ///< the header of a POST; empty: none
  std::string if_none_match;    ///< the header; empty: none
  std::string token_hash;       ///< SHA-256 of the token that it came with
  store::TokenGrant caller;     ///< what may be done with that token
  std::string address;          ///< the client's

  std::optional<std::string> query_value(std::string_view name) const;
};

struct Response;

/// What an answer still waits for. The request is parked meanwhile: it holds no thread and no
/// database connection.
struct Later {
  std::int64_t subject = 0;               ///< Server::wake() of this one: look again at once
  std::chrono::milliseconds patience{0};  ///< then the answer is given as it is
  /// On some worker, when woken and every second: the answer; nothing as long as there is a better
  /// one to come. At the `last` look, nothing leaves the answer as it first was.
  std::function<std::optional<Response>(pg::Connection& database, bool last)> look;
};

struct Response {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  /// Of an answer that is too long to be held: asked for one piece after another, each on some
  /// worker, at the pace of the client; an empty piece ends it. `body` is then the first.
  std::function<Result<std::string>(pg::Connection&)> more;
  /// Of an answer that may still become another.
  std::shared_ptr<Later> later;
  /// What a repeat under the same Idempotency-Key gets in place of `body`, where that may hold a
  /// secret (shown_once()).
  std::optional<std::string> body_of_repeat;
};

Response to_response(const Problem& problem);

/// What a handler tells the audit list, which has who and when without it.
struct Change {
  bool none = false;      ///< nothing was changed after all
  bool revealed = false;  ///< the answer has secrets
  // what it was done to, where the path does not name it
  std::optional<std::string> open_id = {};
  std::optional<std::string> product_id = {};
  std::optional<std::string> node_eui = {};
  // JSON text
  std::optional<std::string> before = {};
  std::optional<std::string> after = {};
};

/// What a handler works with.
struct Context {
  pg::Connection* database = nullptr;  ///< not null where the route needs it
  std::string database_away;           ///< why nobody has a connection; empty: somebody has
  const Actions& actions;
  observe::Metrics& metrics;
  /// Called once what the handler wrote is committed: counts it, wakes whoever waits for it.
  std::vector<std::function<void()>> once_committed = {};
  Change change = {};
  /// Of what was done to several products, one each: then in place of `change`.
  std::vector<Change> changes = {};
};

using Handler = Result<Response> (*)(Context&, const Request&);

}  // namespace xgate::api
