// SPDX-License-Identifier: Apache-2.0
#include "cli/vendor.hpp"

#include <memory>
#include <optional>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/api.hpp"
#include "cli/display.hpp"
#include "cli/options.hpp"

namespace xgate::cli {
namespace {

const std::vector<std::string>& members() {
  static const std::vector<std::string> names{"open_id", "name", "enabled", "created_at"};
  return names;
}

Outcome sent(const Context& context, const Result<Json>& vendor) {
  if (!vendor) return tl::unexpected(vendor.error());
  print_object(context, *vendor, members());
  return {};
}

}  // namespace

Handler declare_vendor_add(CLI::App& app) {
  struct Options {
    std::string name;
    std::string open_id;
  };
  auto options = std::make_shared<Options>();
  add_text(app, "--name", options->name, "NAME", "what people call it · 名称")->required();
  add_open_id(app, "--open-id", options->open_id)
      ->description("an OpenID already in use; else one is made · 指定 OpenID，默认自动生成");
  return [options](const Context& context) -> Outcome {
    Result<Api> api = context.connect();
    if (!api) return tl::unexpected(api.error());
    Json vendor{{"name", options->name}};
    if (!options->open_id.empty()) vendor["open_id"] = options->open_id;
    return sent(context, api->post("/vendors", vendor));
  };
}

Handler declare_vendor_list(CLI::App&) {
  return [](const Context& context) {
    return print_listing(
        context,
        {.target = "/vendors",
         .query = {},
         .limit = {},
         .columns =
             {{"open_id"}, {"name", Yields::last}, {"enabled"}, {time_heading("created_at")}},
         .row =
             [](const Json& vendor) {
               return std::vector<Cell>{member_text(vendor, "open_id"), member_text(vendor, "name"),
                                        switch_text(vendor, "enabled"),
                                        local_time(member_text(vendor, "created_at"))};
             },
         .when_empty = "no vendor yet; add one with: xgate vendor add --name NAME"});
  };
}

Handler declare_vendor_set(CLI::App& app) {
  struct Options {
    std::string open_id;
    std::string name;
    std::optional<bool> enabled;
  };
  auto options = std::make_shared<Options>();
  add_open_id(app, "open_id", options->open_id)->required();
  add_text(app, "--name", options->name, "NAME", "a new name · 新名称");
  add_on_off(app, "--enabled", options->enabled,
             "off: none of its devices may log in · 关闭后其设备均不能登录");
  return [options](const Context& context) -> Outcome {
    Json change = Json::object();
    if (!options->name.empty()) change["name"] = options->name;
    if (options->enabled) change["enabled"] = *options->enabled;
    if (change.empty()) return misused("nothing to set: give --name or --enabled");
    Result<Api> api = context.connect();
    if (!api) return tl::unexpected(api.error());
    return sent(context, api->patch("/vendors/" + options->open_id, change));
  };
}

}  // namespace xgate::cli
