// SPDX-License-Identifier: Apache-2.0
#include "cli/token.hpp"

#include <memory>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/api.hpp"
#include "cli/display.hpp"
#include "cli/local_time.hpp"
#include "cli/options.hpp"

namespace xgate::cli {

namespace {

/// "vendor 7ED01E2A"; empty: the whole platform.
std::string scope_of(const Json& token) {
  const std::string vendor = member_text(token, "open_id");
  const std::string product = member_text(token, "product_id");
  if (!vendor.empty()) return "vendor " + vendor;
  return product.empty() ? "" : "product " + product;
}

Cell expiry_of(const Json& token) {
  const std::string at = member_text(token, "expires_at");
  return at.empty() ? Cell("–", Style::faint) : Cell(local_time(at));
}

}  // namespace

Handler declare_token_add(CLI::App& app) {
  struct Options {
    std::string name;
    std::string role;
    std::string vendor;
    std::string product;
    std::string expires;
  };
  auto options = std::make_shared<Options>();
  add_text(app, "name", options->name, "NAME", "whose it is · 使用者")->required();
  add_choice(app, "--role", options->role, {"read", "operate", "admin"},
             "read: looks on; operate: also what is done with devices; admin: everything, secrets "
             "too · 角色：read 只读，operate 另可操作设备，admin 可做一切（含查看密钥）")
      ->required();
  CLI::Option* vendor = add_open_id(app, "--vendor", options->vendor)
                            ->description("for this vendor's things only · 仅限该厂商");
  add_product_id(app, "--product", options->product)
      ->description("for this product's things only · 仅限该产品")
      ->excludes(vendor);
  add_future_time(app, "--expires", options->expires,
                  "when it ends, after which day, or in how long; never where not given · "
                  "失效时间、最后有效日期，或多久之后失效；默认永不失效");
  return [options](const Context& context) -> Outcome {
    Result<Api> api = context.connect();
    if (!api) return tl::unexpected(api.error());
    Json wanted{{"name", options->name}, {"role", options->role}};
    if (!options->vendor.empty()) wanted["open_id"] = options->vendor;
    if (!options->product.empty()) wanted["product_id"] = options->product;
    if (!options->expires.empty()) wanted["expires_at"] = options->expires;
    const auto token = api->post("/tokens", wanted);
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
                                                           " of " + options->name +
                                                           ": keep it, it is shown only now")
                    << '\n';
    return {};
  };
}

Handler declare_token_list(CLI::App&) {
  return [](const Context& context) {
    const std::string never = texts::in(context.env.language, "never");
    const std::string all = texts::in(context.env.language, "all");
    const auto row = [never, all](const Json& token) {
      const std::string scope = scope_of(token);
      const std::string revoked = member_text(token, "revoked_at");
      const std::string used = member_text(token, "last_used_at");
      return std::vector<Cell>{
          member_text(token, "token_id"),
          member_text(token, "name"),
          member_text(token, "role"),
          scope.empty() ? Cell(all, Style::faint) : Cell(scope),
          local_time(member_text(token, "created_at")),
          expiry_of(token),
          used.empty() ? Cell(never, Style::faint) : Cell(local_time(used)),
          revoked.empty() ? Cell("–", Style::faint) : Cell(local_time(revoked), Style::bad)};
    };
    return print_listing(context, {.target = "/tokens",
                                   .query = {},
                                   .limit = {},
                                   .columns = {{"token"},
                                               {"name", Yields::last},
                                               {"role"},
                                               {"scope"},
                                               {time_heading("created_at")},
                                               {"expires_at"},
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
      context.say("token " + std::to_string(*id) + " of " + member_text(*token, "name") +
                  " is not valid any more");
    }
    return {};
  };
}

}  // namespace xgate::cli
