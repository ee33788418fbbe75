// SPDX-License-Identifier: Apache-2.0
#include "service/store/tokens.hpp"

#include "clock/unix_ms.hpp"
#include "protocol/identity.hpp"
#include "service/api/answer.hpp"
#include "service/api/audit.hpp"
#include "service/api/handlers.hpp"
#include "service/api/time_text.hpp"
#include "service/observe/log.hpp"

// Who may use this API.
namespace xgate::api {
namespace {

Json token_json(const store::TokenRecord& token) {
  return {{"token_id", token.token_id},
          {"name", token.name},
          {"role", std::string(store::to_string(token.role))},
          {"open_id", or_null(token.scope.open_id)},
          {"product_id", or_null(token.scope.product_id)},
          {"created_at", token.created_at},
          {"expires_at", or_null(token.expires_at)},
          {"last_used_at", or_null(token.last_used_at)},
          {"revoked_at", or_null(token.revoked_at)}};
}

/// The vendor or product that it is for, where there is such a one.
Result<store::Scope> read_scope(pg::Connection& database, Input& input) {
  store::Scope scope;
  input.optional_text("open_id", scope.open_id, protocol::is_open_id,
                      "must be 8 hex digits (ID-1) or null");
  input.optional_text("product_id", scope.product_id, protocol::is_product_id,
                      "must be 8 hex digits (ID-2) or null");
  if (scope.open_id && scope.product_id) {
    input.refuse("product_id", "cannot stand beside open_id: a token is for one of the two");
  } else if (scope.open_id) {
    const auto vendor = store::find_vendor(database, *scope.open_id);
    if (!vendor) return tl::unexpected(from_database(vendor.error()));
    if (!*vendor) input.refuse("open_id", "names no vendor");
  } else if (scope.product_id) {
    const auto product = store::find_product(database, *scope.product_id);
    if (!product) return tl::unexpected(from_database(product.error()));
    if (!*product) input.refuse("product_id", "names no product");
  }
  return scope;
}

std::optional<std::int64_t> read_expiry(Input& input) {
  std::optional<std::string> text;
  input.optional_text(
      "expires_at", text, [](std::string_view at) { return time_from_text(at).has_value(); },
      "must be a time with its zone, such as 2026-11-23T02:04:50Z, or null");
  const auto at = text ? time_from_text(*text) : std::nullopt;
  if (at && *at <= clock::unix_ms()) input.refuse("expires_at", "must be in the future");
  return at;
}

Result<store::NewToken> read_token(pg::Connection& database, const Request& request) {
  auto input = Input::parse(request.body);
  if (!input) return tl::unexpected(std::move(input).error());
  store::NewToken token;
  std::string role;
  input->text("name", token.name, is_name, "must be a text of 1 to 200 bytes");
  input->text(
      "role", role, [](std::string_view text) { return store::role_from(text).has_value(); },
      R"(must be "read", "operate" or "admin")");
  auto scope = read_scope(database, *input);
  if (!scope) return tl::unexpected(std::move(scope).error());
  token.expires_at_ms = read_expiry(*input);
  input->require({"name", "role"});
  if (auto problem = input->problem()) return tl::unexpected(std::move(*problem));
  token.role = *store::role_from(role);
  token.scope = std::move(*scope);
  return token;
}

Result<bool> is_forced(const Request& request) {
  if (auto known = check_query(request, {"force"}); !known) return tl::unexpected(known.error());
  const auto force = request.query_value("force").value_or("false");
  if (force == "true" || force == "false") return force == "true";
  return tl::unexpected(bad_request("force must be true or false"));
}

}  // namespace

Result<Response> create_token(Context& context, const Request& request) {
  auto wanted = read_token(*context.database, request);
  if (!wanted) return tl::unexpected(std::move(wanted).error());
  const auto token = store::new_token();
  wanted->hash = store::token_hash(token);
  const auto made = store::insert_token(*context.database, *wanted);
  if (!made) return tl::unexpected(from_database(made.error()));
  context.once_committed.emplace_back(
      [id = made->token_id] { observe::info("api: token {} was made", id); });
  auto answer = token_json(*made);
  context.change.open_id = made->scope.open_id;
  context.change.product_id = made->scope.product_id;
  note_change(context, nullptr, answer);
  answer["token"] = token;  // nobody can read it again
  return shown_once(answer, {"token"}, 201);
}

Result<Response> list_tokens(Context& context, const Request& request) {
  const auto query = parse_list_query(request, {});
  if (!query) return tl::unexpected(query.error());
  if (!query->cursor.empty() && !number_of(query->cursor)) {
    return tl::unexpected(bad_request("cursor must be a next_cursor of this list"));
  }
  const auto tokens = store::list_tokens(*context.database, {query->cursor, query->limit + 1});
  if (!tokens) return tl::unexpected(from_database(tokens.error()));
  return list_response(*tokens, query->limit, token_json, [](const store::TokenRecord& token) {
    return std::to_string(token.token_id);
  });
}

Result<Response> revoke_token(Context& context, const Request& request) {
  const auto& name = request.parameters.at(0);
  const auto forced = is_forced(request);
  if (!forced) return tl::unexpected(forced.error());
  const auto token_id = number_of(name);
  const auto spare = *forced ? std::nullopt : std::optional(request.token_hash);
  const auto done = token_id ? store::revoke_token(*context.database, *token_id, spare)
                             : pg::Result<store::Revocation>(store::Revocation{});
  if (!done) return tl::unexpected(from_database(done.error()));
  using Outcome = store::Revocation::Outcome;
  if (done->outcome == Outcome::unknown) {
    return tl::unexpected(not_found("there is no token " + name));
  }
  if (done->outcome == Outcome::last) {
    return tl::unexpected(
        conflict("token " + name +
                 " is the last valid admin's of the whole platform: make another before you revoke "
                 "it"));
  }
  if (done->outcome == Outcome::spared) {
    return tl::unexpected(conflict("token " + name +
                                   " is the one in use here: revoke it with another one, or by "
                                   "force (--force, ?force=true)"));
  }
  const auto after = token_json(done->token);
  context.change.open_id = done->token.scope.open_id;
  context.change.product_id = done->token.scope.product_id;
  context.change.none = !done->now;
  if (done->now) {
    context.once_committed.emplace_back(
        [id = done->token.token_id] { observe::info("api: token {} was revoked", id); });
    auto before = after;
    before["revoked_at"] = nullptr;
    note_change(context, before, after);
  }
  return json_response(after);
}

}  // namespace xgate::api
