// SPDX-License-Identifier: Apache-2.0
#include "service/store/tokens.hpp"

#include <spdlog/spdlog.h>

#include "service/api/answer.hpp"
#include "service/api/handlers.hpp"

// Who may use this API.
namespace xgate::api {
namespace {

Json token_json(const store::TokenRecord& token) {
  return {{"token_id", token.token_id},
          {"name", token.name},
          {"created_at", token.created_at},
          {"last_used_at", or_null(token.last_used_at)},
          {"revoked_at", or_null(token.revoked_at)}};
}

Result<bool> is_forced(const Request& request) {
  if (auto known = check_query(request, {"force"}); !known) return tl::unexpected(known.error());
  const auto force = request.query_value("force").value_or("false");
  if (force == "true" || force == "false") return force == "true";
  return tl::unexpected(bad_request("force must be true or false"));
}

}  // namespace

Result<Response> create_token(Context& context, const Request& request) {
  auto input = Input::parse(request.body);
  if (!input) return tl::unexpected(std::move(input).error());
  std::string name;
  input->text("name", name, is_name, "must be a text of 1 to 200 bytes");
  input->require({"name"});
  if (auto problem = input->problem()) return tl::unexpected(std::move(*problem));
  const auto token = store::new_token();
  const auto made = store::insert_token(*context.database, name, store::token_hash(token));
  if (!made) return tl::unexpected(from_database(made.error()));
  context.once_committed.emplace_back(
      [id = made->token_id] { spdlog::info("api: token {} was made", id); });
  auto answer = token_json(*made);
  answer["token"] = nullptr;
  const auto repeated = json_response(answer);
  answer["token"] = token;  // nobody can read it again
  auto response = json_response(answer, 201);
  response.body_of_repeat = repeated.body;
  return response;
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
        conflict("token " + name + " is the last valid one: make another before you revoke it"));
  }
  if (done->outcome == Outcome::spared) {
    return tl::unexpected(conflict("token " + name +
                                   " is the one in use here: revoke it with another one, or by "
                                   "force (--force, ?force=true)"));
  }
  context.once_committed.emplace_back([&context, id = done->token.token_id] {
    if (context.actions.tokens_changed) context.actions.tokens_changed();
    spdlog::info("api: token {} was revoked", id);
  });
  return json_response(token_json(done->token));
}

}  // namespace xgate::api
