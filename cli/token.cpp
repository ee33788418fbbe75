// SPDX-License-Identifier: Apache-2.0
#include "cli/token.hpp"

#include <memory>
#include <ostream>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/api.hpp"
#include "cli/display.hpp"
#include "cli/options.hpp"
#include "cli/text.hpp"

namespace xgate::cli {

Handler declare_token_add(CLI::App& app) {
  auto name = std::make_shared<std::string>();
  add_text(app, "name", *name, "NAME", "whose it is · 使用者")->required();
  return [name](const Context& context) -> Outcome {
    Result<Api> api = context.connect();
    if (!api) return tl::unexpected(api.error());
    const auto token = api->post("/tokens", {{"name", *name}});
    if (!token) return tl::unexpected(token.error());
    if (member_text(*token, "token").empty()) {
      return failed(
          "token " + member_text(*token, "token_id") +
          " was made, but the answer that showed it was lost: revoke it and make another");
    }
    if (context.global.json) {
      context.print(*token);
      return {};
    }
    // The token alone, so that it can be written to a file.
    context.env.out << member_text(*token, "token") << '\n';
    context.env.err << texts::in(context.env.language, "token " + member_text(*token, "token_id") +
                                                           " of " + printable(*name) +
                                                           ": keep it, it is shown only now")
                    << '\n';
    return {};
  };
}

Handler declare_token_list(CLI::App&) {
  return [](const Context& context) {
    const std::string never = texts::in(context.env.language, "never");
    const auto row = [never](const Json& token) {
      const std::string revoked = member_text(token, "revoked_at");
      const std::string used = member_text(token, "last_used_at");
      return std::vector<Cell>{
          member_text(token, "token_id"), member_text(token, "name"),
          local_time(member_text(token, "created_at")),
          used.empty() ? Cell(never, Style::faint) : Cell(local_time(used)),
          revoked.empty() ? Cell("–", Style::faint) : Cell(local_time(revoked), Style::bad)};
    };
    return print_listing(context, {.target = "/tokens",
                                   .query = {},
                                   .limit = {},
                                   .columns = {{"token"},
                                               {"name", Yields::last},
                                               {time_heading("created_at")},
                                               {"last_used_at"},
                                               {"revoked_at"}},
                                   .row = row,
                                   .when_empty = "no token"});
  };
}

Handler declare_token_revoke(CLI::App& app) {
  auto id = std::make_shared<std::int64_t>(0);
  auto force = std::make_shared<bool>(false);
  add_number(app, "id", *id, 1, INT64_MAX, "as token list shows it · 令牌编号")
      ->type_name("ID")
      ->required();
  app.add_flag("--force", *force, "also the token in use here · 也吊销当前使用的令牌");
  return [id, force](const Context& context) -> Outcome {
    Result<Api> api = context.connect();
    if (!api) return tl::unexpected(api.error());
    const auto token = api->post(
        "/tokens/" + std::to_string(*id) + "/revoke" + (*force ? "?force=true" : ""), nullptr);
    if (!token) return tl::unexpected(token.error());
    if (context.global.json) {
      context.print(*token);
    } else {
      context.say("token " + std::to_string(*id) + " of " + printable(member_text(*token, "name")) +
                  " is not valid any more");
    }
    return {};
  };
}

}  // namespace xgate::cli
