// SPDX-License-Identifier: Apache-2.0
#include "cli/simulate/journey_report.hpp"

#include <ostream>
#include <utility>

#include <nlohmann/json.hpp>

namespace xgate::cli {
namespace {

constexpr std::string_view red = "31";
constexpr std::string_view green = "32";
constexpr std::string_view blue = "34";
constexpr std::string_view cyan = "36";
constexpr std::string_view bold = "1";
constexpr std::string_view dim = "2";

using Json = nlohmann::ordered_json;

/// What a broker or a user sent may be no UTF-8.
std::string compact(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json requirement_list(std::string_view requirements) {
  Json list = Json::array();
  while (!requirements.empty()) {
    const std::size_t comma = requirements.find(", ");
    list.push_back(std::string(requirements.substr(0, comma)));
    requirements.remove_prefix(comma == std::string_view::npos ? requirements.size() : comma + 2);
  }
  return list;
}

}  // namespace

std::string JourneyReport::painted(std::string_view color, std::string_view text) const {
  if (!color_) return std::string(text);
  return "\033[" + std::string(color) + "m" + std::string(text) + "\033[0m";
}

void JourneyReport::begin(std::string name, std::string title, std::string requirements) {
  ++number_;
  name_ = std::move(name);
  title_ = std::move(title);
  requirements_ = std::move(requirements);
  lines_.clear();
  if (json_) return;
  out_ << painted(bold, std::to_string(number_) + "  " + said(title_)) << "  "
       << painted(dim, requirements_) << std::endl;
}

void JourneyReport::line(std::string_view kind, std::string_view mark, std::string_view color,
                         std::string text) {
  if (json_) {
    lines_.push_back({kind, std::move(text)});
    return;
  }
  // Flushed: a simulation is watched while it runs, and through pipes.
  out_ << "   " << painted(color, mark) << " " << text << std::endl;
}

void JourneyReport::sent(std::string text) { line("sent", "→", blue, std::move(text)); }
void JourneyReport::sent_login(const std::string& sentence) {
  line("sent", "→", blue, json_ ? sentence : said(sentence));
}
void JourneyReport::received(std::string text) { line("received", "←", cyan, std::move(text)); }
void JourneyReport::note(const std::string& sentence) { line("note", "·", dim, said(sentence)); }

void JourneyReport::print_object(const std::string& status, const std::string& reason,
                                 const std::string& advice) {
  Json object{{"step", number_},
              {"name", name_},
              {"title", title_},
              {"requirements", requirement_list(requirements_)},
              {"status", status}};
  Json exchange = Json::array();
  for (const Line& each : lines_) exchange.push_back({{std::string(each.kind), each.text}});
  object["exchange"] = std::move(exchange);
  if (!reason.empty()) object["reason"] = reason;
  if (!advice.empty()) object["advice"] = advice;
  out_ << compact(object) << std::endl;
}

void JourneyReport::done() {
  if (json_) return print_object("done", {}, {});
  out_ << "   " << painted(green, "✓") << std::endl;
}

void JourneyReport::failed(const std::string& reason, const std::string& advice) {
  if (json_) return print_object("failed", reason, advice);
  out_ << "   " << painted(red, "✗ " + said(reason)) << std::endl;
  if (!advice.empty()) out_ << "     " << said(advice) << std::endl;
}

void JourneyReport::skipped(const std::string& title, const std::string& requirements,
                            const std::string& why) {
  begin("skipped", title, requirements);
  if (json_) return print_object("skipped", why, {});
  note("left out: " + why);
}

void JourneyReport::finish(bool good, const std::string& summary) {
  if (json_) {
    out_ << compact(
                {{"name", "result"}, {"status", good ? "done" : "failed"}, {"summary", summary}})
         << std::endl;
    return;
  }
  out_ << painted(good ? green : red, said(summary)) << std::endl;
}

}  // namespace xgate::cli
