// SPDX-License-Identifier: Apache-2.0
#include "cli/simulate/journey_report.hpp"

#include <utility>

#include <nlohmann/json.hpp>

namespace xgate::cli {
namespace {

constexpr printable::Literal red = "\x1b[31m";
constexpr printable::Literal green = "\x1b[32m";
constexpr printable::Literal blue = "\x1b[34m";
constexpr printable::Literal cyan = "\x1b[36m";
constexpr printable::Literal bold = "\x1b[1m";
constexpr printable::Literal dim = "\x1b[2m";

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

void JourneyReport::paint(printable::Literal colour, const printable::Line& text) const {
  if (color_) out_ << colour;
  out_ << text;
  if (color_) out_ << "\x1b[0m";
}

// Flushed: a simulation is watched while it runs, and through pipes.
void JourneyReport::end_line() const {
  out_ << '\n';
  out_.flush();
}

void JourneyReport::begin(std::string name, std::string title, std::string requirements) {
  ++number_;
  name_ = std::move(name);
  title_ = std::move(title);
  requirements_ = std::move(requirements);
  lines_.clear();
  if (json_) return;
  paint(bold, std::to_string(number_) + "  " + said(title_));
  out_ << "  ";
  paint(dim, requirements_);
  end_line();
}

void JourneyReport::line(std::string_view kind, std::string_view mark, printable::Literal colour,
                         std::string text) {
  if (json_) {
    lines_.push_back({kind, std::move(text)});
    return;
  }
  out_ << "   ";
  paint(colour, mark);
  out_ << " " << text;
  end_line();
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
  out_.json(compact(object));
  end_line();
}

void JourneyReport::done() {
  if (json_) return print_object("done", {}, {});
  out_ << "   ";
  paint(green, "✓");
  end_line();
}

void JourneyReport::failed(const std::string& reason, const std::string& advice) {
  if (json_) return print_object("failed", reason, advice);
  out_ << "   ";
  paint(red, "✗ " + said(reason));
  end_line();
  if (advice.empty()) return;
  out_ << "     " << said(advice);
  end_line();
}

void JourneyReport::skipped(const std::string& title, const std::string& requirements,
                            const std::string& why) {
  begin("skipped", title, requirements);
  if (json_) return print_object("skipped", why, {});
  note("left out: " + why);
}

void JourneyReport::finish(bool good, const std::string& summary) {
  if (json_) {
    out_.json(
        compact({{"name", "result"}, {"status", good ? "done" : "failed"}, {"summary", summary}}));
    return end_line();
  }
  paint(good ? green : red, said(summary));
  end_line();
}

}  // namespace xgate::cli
