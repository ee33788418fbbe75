// SPDX-License-Identifier: Apache-2.0
#include "cli/thing_data.hpp"

#include <memory>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/api.hpp"
#include "cli/display.hpp"
#include "cli/http_client.hpp"
#include "cli/options.hpp"
#include "protocol/json_text.hpp"

namespace xgate::cli {
namespace {

constexpr std::int64_t usual_limit = 20;
constexpr std::int64_t most_entries = 1'000'000;

/// Device time, newest first, of both histories.
struct TimeRange {
  std::string from;
  std::string to;
  std::int64_t limit = usual_limit;
};

void add_range(CLI::App& app, TimeRange& range) {
  for (const auto& [name, target, help] :
       {std::tuple("--from", &range.from,
                   "device time from here, or so long ago · 起始设备时间，或多久以前"),
        std::tuple("--to", &range.to, "device time before this · 截止设备时间")}) {
    add_time(app, name, *target, help);
  }
  add_number(app, "--limit", range.limit, 1, most_entries,
             "how many, 20 where not given · 条数，默认 20");
}

Query query_of(const TimeRange& range) { return {{"from", range.from}, {"to", range.to}}; }

std::string compact_member(const Json& object, const char* member) {
  const auto value = object.find(member);
  return value == object.end() ? std::string() : protocol::compact(*value);
}

Cell misfit_cell(const Json& property) {
  const std::string misfit = member_text(property, "misfit");
  return misfit.empty() ? Cell("")
                        : Cell("! not by today's thing model: " + misfit, Style::warning);
}

Style style_of_type(std::string_view type) noexcept {
  if (type == "error") return Style::bad;
  return type == "info" ? Style::faint : Style::plain;
}

}  // namespace

Handler declare_properties(CLI::App& app) {
  auto device = std::make_shared<std::string>();
  add_device_name(app, *device);
  return [device](const Context& context) {
    const auto row = [](const Json& property) {
      return std::vector<Cell>{member_text(property, "identifier"),
                               compact_member(property, "value"),
                               member_text(property, "unit"),
                               member_text(property, "name"),
                               local_time(member_text(property, "device_time")),
                               misfit_cell(property)};
    };
    return print_listing(context, {.target = "/devices/" + *device + "/properties",
                                   .query = {},
                                   .limit = {},
                                   .columns = {{"identifier"},
                                               {"value", Yields::first},
                                               {"unit"},
                                               {"name", Yields::last},
                                               {time_heading("device_time")},
                                               {"note", Yields::by_lines}},
                                   .row = row,
                                   .when_empty = "no property yet"});
  };
}

Handler declare_events(CLI::App& app) {
  struct Options {
    std::string device;
    std::string identifier;
    std::string type;
    TimeRange range;
  };
  auto options = std::make_shared<Options>();
  add_device_name(app, options->device);
  add_text(app, "--identifier", options->identifier, "ID", "of this event only · 仅此事件");
  add_choice(app, "--type", options->type, {"info", "alert", "error"},
             "of this type only · 仅此类型");
  add_range(app, options->range);
  return [options](const Context& context) {
    Query query = query_of(options->range);
    query.emplace_back("identifier", options->identifier);
    query.emplace_back("type", options->type);
    const auto row = [](const Json& event) {
      const std::string type = member_text(event, "type");
      return std::vector<Cell>{local_time(member_text(event, "device_time")),
                               {type.empty() ? "–" : type, style_of_type(type)},
                               member_text(event, "identifier"),
                               compact_member(event, "params"),
                               local_time(member_text(event, "received_at"))};
    };
    return print_listing(context, {.target = "/devices/" + options->device + "/events",
                                   .query = query,
                                   .limit = options->range.limit,
                                   .columns = {{time_heading("device_time")},
                                               {"type"},
                                               {"identifier"},
                                               {"params", Yields::first},
                                               {"received_at"}},
                                   .row = row,
                                   .when_empty = "no such event"});
  };
}

Handler declare_history(CLI::App& app) {
  struct Options {
    std::string device;
    std::string identifier;
    TimeRange range;
  };
  auto options = std::make_shared<Options>();
  add_device_name(app, options->device);
  add_text(app, "identifier", options->identifier, "ID", "the property · 属性标识符")->required();
  add_range(app, options->range);
  return [options](const Context& context) {
    const auto row = [](const Json& value) {
      return std::vector<Cell>{local_time(member_text(value, "device_time")),
                               compact_member(value, "value"),
                               local_time(member_text(value, "received_at"))};
    };
    return print_listing(
        context,
        {.target =
             "/devices/" + options->device + "/history/" + percent_encoded(options->identifier),
         .query = query_of(options->range),
         .limit = options->range.limit,
         .columns = {{time_heading("device_time")}, {"value", Yields::first}, {"received_at"}},
         .row = row,
         .when_empty = "no value of this property in that time"});
  };
}

}  // namespace xgate::cli
