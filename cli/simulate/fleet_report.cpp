// SPDX-License-Identifier: Apache-2.0
#include "cli/simulate/fleet_report.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <functional>

#include <nlohmann/json.hpp>

namespace xgate::cli {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr std::int64_t most_faults_told = 50;
constexpr std::size_t most_kinds = 50;
constexpr Clock::duration second = 1s;
constexpr Clock::duration in_a_pipe = 5s;

std::string with_one_decimal(double number) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f", number);
  return text.data();
}

/// A reason without what differs from device to device: numbers and quoted texts.
std::string shape_of(std::string_view reason) {
  std::string shape;
  for (std::size_t i = 0; i < reason.size(); ++i) {
    const char c = reason[i];
    if (c == '"') {
      const auto end = reason.find('"', i + 1);
      shape += "\"…\"";
      if (end == std::string_view::npos) break;
      i = end;
    } else if (c >= '0' && c <= '9') {
      if (shape.empty() || shape.back() != '#') shape += '#';
    } else {
      shape += c;
    }
  }
  return shape;
}

double seconds_of(Clock::duration time) { return std::chrono::duration<double>(time).count(); }

}  // namespace

std::string FleetReport::counted(std::int64_t number, const char* what) const {
  return number == 0 ? std::string() : said(" · " + std::to_string(number) + " " + what);
}

std::string FleetReport::line() const {
  const Tally& t = tally_;
  std::string text =
      said(std::to_string(t.connected) + "/" + std::to_string(t.devices) + " connected");
  text += said(" · " + std::to_string(t.sent) + " sent");
  text += said(" · " + std::to_string(t.acked) + " acked");
  text += counted(t.refused, "refused") + counted(t.unanswered, "unanswered");
  text += counted(t.resent, "sent again") + counted(t.lost, "connections lost");
  text += counted(t.given_up, "gave up") + counted(t.never_in, "never logged in");
  text += counted(t.away_at_end, "away at the end") + counted(t.faults, "faults");
  if (t.commands > 0)
    text += said(" · " + std::to_string(t.answered) + "/" + std::to_string(t.commands) +
                 " commands answered");
  text += counted(t.repeated, "repeated") + counted(t.key_updates, "new keys");
  text += counted(t.downloads, "downloads") + counted(t.upgraded, "upgraded");
  return text + " · p50 " + with_one_decimal(t.latencies.milliseconds_at(0.50)) + " p99 " +
         with_one_decimal(t.latencies.milliseconds_at(0.99)) + " ms";
}

Json FleetReport::object(const char* name, Clock::duration elapsed) const {
  const Tally& t = tally_;
  Json object{{"name", name},
              {"elapsed_s", std::round(seconds_of(elapsed) * 10) / 10},
              {"devices", t.devices},
              {"connected", t.connected},
              {"logins", t.logins},
              {"sent", t.sent},
              {"resent", t.resent},
              {"acked", t.acked},
              {"refused", t.refused},
              {"unanswered", t.unanswered},
              {"commands", t.commands},
              {"repeated", t.repeated},
              {"answered", t.answered},
              {"key_updates", t.key_updates},
              {"downloads", t.downloads},
              {"upgraded", t.upgraded},
              {"lost", t.lost},
              {"given_up", t.given_up},
              {"not_begun", t.not_begun},
              {"never_in", t.never_in},
              {"away_at_end", t.away_at_end},
              {"faults", t.faults},
              {"p50_ms", t.latencies.milliseconds_at(0.50)},
              {"p99_ms", t.latencies.milliseconds_at(0.99)}};
  if (std::string_view(name) == "result") {
    object["status"] = t.as_the_protocol_wants() ? "done" : "failed";
    Json& kinds = object["fault_kinds"] = Json::array();
    for (const Kind* kind : this->kinds()) {
      kinds.push_back({{"requirement", kind->first.requirement},
                       {"reason", kind->first.reason},
                       {"advice", kind->first.advice},
                       {"device", kind->device},
                       {"count", kind->count}});
    }
  }
  return object;
}

void FleetReport::clear_line() {
  if (line_stands_) env_.out << "\r\033[K";
  line_stands_ = false;
}

void FleetReport::print(const printable::Line& line) {
  clear_line();
  env_.out << line << '\n';
  env_.out.flush();
}

void FleetReport::print_object(const Json& object) {
  env_.out.json(object.dump(-1, ' ', false, Json::error_handler_t::replace));
  env_.out << '\n';
  env_.out.flush();
}

/// Said once an outage, whatever the number of devices.
void FleetReport::look_at_connections(Clock::duration elapsed) {
  const bool lost = tally_.away > 0;
  if (lost == outage_.has_value()) return;
  const Outage outage = outage_.value_or(Outage{elapsed, tally_.given_up});
  outage_ = lost ? std::optional(outage) : std::nullopt;
  const auto given_up = tally_.given_up - outage.given_up;
  if (json_) {
    Json object{{"name", "connection"},
                {"lost", lost},
                {"elapsed_s", std::round(seconds_of(elapsed) * 10) / 10}};
    if (lost) object["reason"] = tally_.away_reason;
    return print_object(object);
  }
  if (lost) {
    return print("! " + said("connection lost: " + tally_.away_reason +
                             "; connecting again until it is back"));
  }
  const std::string seconds = with_one_decimal(seconds_of(elapsed - outage.began));
  if (given_up == 0) return print("✓ " + said("connected again after " + seconds + " s"));
  print("! " + said("no longer trying, after " + seconds + " s: " + std::to_string(given_up) +
                    " devices gave up"));
}

void FleetReport::look(Clock::duration elapsed) {
  look_at_connections(elapsed);
  if (elapsed < next_) return;
  const bool one_line = env_.out_is_terminal && !json_;
  next_ = elapsed + (json_ || one_line ? second : in_a_pipe);
  if (json_) return print_object(object("progress", elapsed));
  if (!one_line) return print(line());
  clear_line();
  env_.out << line();
  env_.out.flush();
  line_stands_ = true;
}

/// The first of a kind is told where it is met, the others are counted until the end; a program is
/// told the first of any kind one by one.
void FleetReport::fault(const std::string& device, const Fault& what) {
  const std::string shape = what.requirement + ' ' + shape_of(what.reason);
  auto known = kinds_.find(shape);
  const bool fresh = known == kinds_.end();
  if (fresh && kinds_.size() >= most_kinds) return;  // counted in the tally
  if (fresh) known = kinds_.emplace(shape, Kind{device, what}).first;
  ++known->second.count;
  if (!json_) {
    if (fresh) print("✗ " + kind_line(known->second));
    return;
  }
  if (++faults_told_ > most_faults_told) return;
  Json object{{"name", "fault"}, {"device", device}, {"reason", what.reason}};
  if (!what.requirement.empty()) object["requirement"] = what.requirement;
  if (!what.advice.empty()) object["advice"] = what.advice;
  print_object(object);
}

std::string FleetReport::kind_line(const Kind& kind) const {
  const Fault& what = kind.first;
  return kind.device + "  " + (what.requirement.empty() ? "" : what.requirement + ": ") +
         said(what.reason) + (what.advice.empty() ? "" : " · " + said(what.advice));
}

std::vector<const FleetReport::Kind*> FleetReport::kinds() const {
  std::vector<const Kind*> sorted;
  sorted.reserve(kinds_.size());
  for (const auto& [shape, kind] : kinds_) sorted.push_back(&kind);
  std::ranges::stable_sort(sorted, std::greater{}, [](const Kind* kind) { return kind->count; });
  return sorted;
}

void FleetReport::frame(const std::string& device, const char* mark, const std::string& topic,
                        const std::string& payload) {
  if (json_) {
    const Json object{{"name", "frame"},
                      {"device", device},
                      {"sent", std::string_view(mark) == "→"},
                      {"topic", topic},
                      {"payload", payload}};
    return print_object(object);
  }
  print(device + " " + mark + " " + topic + "  " + payload);
}

void FleetReport::finish(Clock::duration elapsed) {
  if (json_) return print_object(object("result", elapsed));
  print(line());
  for (const Kind* kind : kinds()) {
    print("✗ " + said(std::to_string(kind->count) + "×, the first: ") + kind_line(*kind));
  }
  const bool good = tally_.as_the_protocol_wants();
  std::string devices = std::to_string(tally_.devices) + " devices";
  if (tally_.not_begun > 0)
    devices += " (" + std::to_string(tally_.not_begun) + " of them had not begun)";
  const std::string seconds = with_one_decimal(seconds_of(elapsed)) + " s";
  print(said(good ? "Done: " + devices + ", " + seconds +
                        ", everything was answered as the protocol wants."
                  : "Failed: " + devices + ", " + seconds +
                        ", not everything went as the protocol wants."));
}

}  // namespace xgate::cli
