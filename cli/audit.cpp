// SPDX-License-Identifier: Apache-2.0
#include "cli/audit.hpp"

#include <array>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/display.hpp"
#include "cli/options.hpp"
#include "cli/text.hpp"
#include "protocol/identity.hpp"

namespace xgate::cli {
namespace {

/// More members are a whole thing that was made or deleted: those say which, --json shows all.
constexpr std::size_t most_members_told = 6;
constexpr std::array<const char*, 7> members_that_name{"token_id", "name",    "role",  "kind",
                                                       "open_id",  "version", "job_id"};

/// "AA30C505.20MQTTJ000121", or the product or vendor that it was done to.
std::string target_of_entry(const Json& entry) {
  const std::string product_id = member_text(entry, "product_id");
  const std::string node_eui = member_text(entry, "node_eui");
  if (product_id.empty()) return member_text(entry, "open_id");
  return node_eui.empty() ? product_id : protocol::device_name(product_id, node_eui);
}

void append_word(std::string& text, const std::string& words) {
  if (!text.empty()) text += ", ";
  text += words;
}

std::string value_text(const Json& object, const std::string& name) {
  const std::string text = member_text(object, name);
  return text.empty() ? "–" : text;
}

/// Of what was made or deleted.
std::string members_told(const Json& whole) {
  std::string text;
  if (whole.size() <= most_members_told) {
    for (const auto& [name, value] : whole.items()) {
      append_word(text, name + " " + value_text(whole, name));
    }
    return text;
  }
  for (const auto* name : members_that_name) {
    if (whole.contains(name)) append_word(text, std::string(name) + " " + value_text(whole, name));
  }
  return text;
}

/// "enabled true → false"; of what was made or deleted what it is.
std::string difference(const Json& entry) {
  const Json before = entry.value("before", Json());
  const Json after = entry.value("after", Json());
  std::string text;
  if (before.is_object() && after.is_object()) {
    for (const auto& [name, value] : after.items()) {
      if (before.contains(name) && before[name] == value) continue;
      append_word(text, name + " " + value_text(before, name) + " → " + value_text(after, name));
    }
    return text;
  }
  const Json& whole = after.is_object() ? after : before;
  return whole.is_object() ? members_told(whole) : text;
}

std::vector<Cell> audit_row(const Json& entry, const std::string& shown) {
  std::string change = difference(entry);
  const bool revealed = member_is_true(entry, "revealed");
  if (revealed) append_word(change, shown);
  return {time_cell(entry, "at"),
          member_text(entry, "token_id") + " " + member_text(entry, "token_name"),
          member_text(entry, "address"),
          member_text(entry, "operation"),
          target_of_entry(entry),
          Cell(change, revealed ? Style::warning : Style::plain)};
}

}  // namespace

Handler declare_audit(CLI::App& app) {
  struct Options {
    std::string scope;
    std::string vendor;
    std::int64_t token = 0;
    std::string operation;
    std::string since;
    std::string until;
    std::int64_t limit = 20;
  };
  auto options = std::make_shared<Options>();
  add_product_or_device(app, options->scope);
  add_open_id(app, "--vendor", options->vendor)->description("of this vendor only · 仅该厂商");
  add_number(app, "--token", options->token, 1, INT64_MAX,
             "by this one, as token list shows it · 仅该令牌（编号）所为")
      ->type_name("ID");
  add_text(app, "--operation", options->operation, "NAME",
           "only this, as it is listed: delete_device · 仅该操作，如 delete_device");
  add_time(app, "--since", options->since,
           "from this time on, or so long ago · 起始时间，或多久以前");
  add_time(app, "--until", options->until, "before this time · 截止时间");
  add_number(app, "--limit", options->limit, 1, 1'000'000'000,
             "the newest so many, 20 where not given · 最新的条数，默认 20");
  return [options](const Context& context) {
    const auto name = protocol::parse_device_name(options->scope);
    const std::string shown = texts::in(context.env.language, "secrets shown");
    return print_listing(
        context, {.target = "/audit",
                  .query = {{"product_id", name ? std::string(name->product_id) : options->scope},
                            {"node_eui", name ? std::string(name->node_eui) : std::string()},
                            {"open_id", options->vendor},
                            {"token_id", options->token == 0 ? "" : std::to_string(options->token)},
                            {"operation", options->operation},
                            {"since", options->since},
                            {"until", options->until}},
                  .limit = options->limit,
                  .columns = {{time_heading("at")},
                              {"token", Yields::last},
                              {"address"},
                              {"operation"},
                              {"target"},
                              {"change", Yields::by_lines}},
                  .row = [shown](const Json& entry) { return audit_row(entry, shown); },
                  .when_empty = "nothing was changed yet",
                  .when_narrow = WhenNarrow::blocks});
  };
}

}  // namespace xgate::cli
