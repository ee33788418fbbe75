// SPDX-License-Identifier: Apache-2.0
#include "cli/display.hpp"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include "cli/duration.hpp"
#include "protocol/json_text.hpp"

namespace xgate::cli {
namespace {

bool is_time(std::string_view name) noexcept { return name.ends_with("_at"); }

/// What an option turns on and off, and is shown in its words.
bool is_switch(std::string_view name) {
  static constexpr std::array<std::string_view, 6> switches{
      "enabled",          "encrypted",  "reveal_device_secret",
      "accept_plaintext", "allow_hash", "require_type_1"};
  return std::ranges::find(switches, name) != switches.end();
}

Cell cell_of(const Json& object, const std::string& name) {
  const Json& value = object.at(name);
  if (value.is_null()) return {"–", Style::faint};
  if (value.is_boolean()) {
    return is_switch(name) ? switch_text(object, name) : value.get<bool>() ? "yes" : "no";
  }
  if (is_time(name)) return {zoned_time(member_text(object, name))};
  if (name == "key_lifetime_s" && value.is_number_integer()) {
    return {format_duration(value.get<std::int64_t>())};
  }
  std::string text = member_text(object, name);
  const Style style = name == "state" ? style_of_state(text) : Style::plain;
  return {std::move(text), style};
}

// Both are shown without "_s": the value brings its unit.
std::string label_of(const std::string& name) {
  return name == "key_lifetime_s" ? "key_lifetime" : name;
}

}  // namespace

std::string member_text(const Json& object, std::string_view name) {
  const auto member = object.find(std::string(name));
  if (member == object.end() || member->is_null()) return {};
  return member->is_string() ? member->get<std::string>() : protocol::compact(*member);
}

bool member_is_true(const Json& object, std::string_view name) {
  const auto member = object.find(std::string(name));
  return member != object.end() && member->is_boolean() && member->get<bool>();
}

std::string switch_text(const Json& object, std::string_view name) {
  return member_is_true(object, name) ? "on" : "off";
}

Cell time_cell(const Json& object, std::string_view name) {
  const std::string time = member_text(object, name);
  return {local_time(time), Style::plain, zoned_time(time)};
}

std::vector<Field> fields_of(const Json& object, const std::vector<std::string>& names) {
  std::vector<Field> fields;
  for (const std::string& name : names) {
    if (object.contains(name)) fields.emplace_back(label_of(name), cell_of(object, name));
  }
  for (const auto& [name, value] : object.items()) {
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      fields.emplace_back(label_of(name), cell_of(object, name));
    }
  }
  return fields;
}

std::string hidden_text(texts::Language language) {
  return texts::in(language, "hidden; --reveal shows it");
}

void print_object(const Context& context, const Json& object,
                  const std::vector<std::string>& names) {
  if (context.global.json || !object.is_object()) {
    context.print(object);
  } else {
    print_fields(context.env, fields_of(object, names));
  }
}

Outcome print_listing(const Context& context, const Listing& listing) {
  Result<Api> api = context.connect();
  if (!api) return tl::unexpected(api.error());
  Json array = Json::array();
  Table table(listing.columns, listing.when_narrow);
  bool any = false;
  Outcome done = api->each(listing.target, listing.query, listing.limit, [&](Json item) {
    any = true;
    if (context.global.json) {
      array.push_back(std::move(item));
    } else {
      table.add(listing.row(item));
    }
  });
  if (!done) return done;
  if (context.global.json) {
    context.print(array);
    return {};
  }
  table.print(context.env);
  if (!any && context.env.err_is_terminal)
    context.env.err << texts::in(context.env.language, listing.when_empty) << '\n';
  return {};
}

Style style_of_state(std::string_view state) noexcept {
  if (state == "online" || state == "done") return Style::good;
  if (state == "disabled" || state == "failed" || state == "expired") return Style::bad;
  return state == "unactivated" ? Style::faint : Style::plain;
}

}  // namespace xgate::cli
