// SPDX-License-Identifier: Apache-2.0
#include "service/api/idempotency.hpp"

#include <algorithm>
#include <utility>

#include "clock/unix_ms.hpp"
#include "service/api/answer.hpp"
#include "service/api/audit.hpp"
#include "service/firmware/content_store.hpp"
#include "service/observe/log.hpp"
#include "service/store/idempotency_keys.hpp"
#include "service/store/sha256.hpp"

namespace xgate::api {
namespace {

constexpr std::size_t longest_key = 255;

store::IdempotencyKey key_of(const Request& request) {
  return {.token_hash = request.token_hash, .key = request.idempotency_key};
}

/// What makes two requests the same.
Result<std::string> hash_of(const Request& request) {
  std::string content;
  if (request.file) {
    const auto file = request.file->finish();
    if (!file) return tl::unexpected(from_disk(file.error()));
    content = file->sha256;
  } else {
    content = store::sha256(request.body);
  }
  const Json head{request.method, request.path, request.query};
  return store::sha256(head.dump(-1, ' ', false, Json::error_handler_t::replace) + content);
}

/// The answer that the same request got before; nothing where it is the first, whose key is then
/// claimed.
Result<std::optional<Response>> earlier_answer(pg::Connection& database, const Request& request,
                                               const std::string& hash) {
  const auto key = key_of(request);
  const auto claimed = store::claim_key(database, key);
  if (!claimed) return tl::unexpected(from_database(claimed.error()));
  if (!*claimed) {
    return tl::unexpected(
        in_progress("a request with this Idempotency-Key is being done: try again"));
  }
  auto kept = store::find_answer(database, key, clock::unix_ms());
  if (!kept) return tl::unexpected(from_database(kept.error()));
  if (!*kept) return std::nullopt;
  auto& answer = **kept;
  if (answer.request_hash != hash) {
    Problem problem = bad_request(
        "this Idempotency-Key was used for another request: take a new key for a new request");
    problem.status = 422;
    problem.type = "invalid";
    return tl::unexpected(std::move(problem));
  }
  Response response;
  response.status = answer.status;
  response.content_type = std::move(answer.content_type);
  response.headers = Json::parse(answer.headers).get<decltype(response.headers)>();
  response.headers.emplace_back("Idempotent-Replayed", "true");
  response.body = std::move(answer.body);
  return response;
}

pg::Result<void> keep(pg::Connection& database, const Request& request, std::string hash,
                      const Response& response) {
  return store::keep_answer(database, key_of(request),
                            {.request_hash = std::move(hash),
                             .status = response.status,
                             .content_type = response.content_type,
                             .headers = Json(response.headers).dump(),
                             .body = response.body_of_repeat.value_or(response.body)},
                            clock::unix_ms());
}

Problem not_committed(const Request& request, const pg::Error& error) {
  if (!error.outcome_unknown) return from_database(error);
  observe::warn("api: COMMIT of a {} got no answer: {}", observe::Quoted(request.method),
                observe::Words(error.message));
  return outcome_unknown(
      request.idempotency_key.empty()
          ? "the database did not say whether this was done: look whether it was before you try "
            "again"
          : "the database did not say whether this was done: try again with the same "
            "Idempotency-Key");
}

}  // namespace

bool is_idempotency_key(std::string_view text) noexcept {
  return !text.empty() && text.size() <= longest_key &&
         std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7F; });
}

Result<Response> do_once(Context& context, const Route& route, const Request& request) {
  auto& database = *context.database;
  auto transaction = pg::Transaction::begin(database);
  if (!transaction) return tl::unexpected(from_database(transaction.error()));
  const bool keyed = !request.idempotency_key.empty() && !route.keeps_keys;
  std::string hash;
  if (keyed) {
    auto hashed = hash_of(request);
    if (!hashed) return tl::unexpected(std::move(hashed).error());
    hash = std::move(*hashed);
    auto earlier = earlier_answer(database, request, hash);
    if (!earlier) return tl::unexpected(std::move(earlier).error());
    if (*earlier) return std::move(**earlier);
  }
  auto response = route.handler(context, request);
  if (!response) return response;
  if (!context.change.none && route.changes) {
    if (auto written = write_audit(context, route, request); !written) {
      return tl::unexpected(written.error());
    }
  }
  if (keyed) {
    if (auto kept = keep(database, request, std::move(hash), *response); !kept) {
      return tl::unexpected(from_database(kept.error()));
    }
  }
  if (auto committed = transaction->commit(); !committed) {
    return tl::unexpected(not_committed(request, committed.error()));
  }
  return response;
}

Result<Response> read_only(Handler handler, Context& context, const Route& route,
                           const Request& request) {
  auto response = handler(context, request);
  if (!response || !context.change.revealed) return response;
  if (auto written = write_audit(context, route, request); !written) {
    return tl::unexpected(written.error());
  }
  return response;
}

bool has_answer(pg::Connection& database, const Request& request) {
  if (request.idempotency_key.empty()) return false;
  const auto kept = store::find_answer(database, key_of(request), clock::unix_ms());
  return kept && *kept;
}

}  // namespace xgate::api
