// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cerrno>
#include <cmath>
#include <fstream>
#include <initializer_list>
#include <iterator>
#include <system_error>
#include <utility>

#include <toml++/toml.h>

#include "cli/duration.hpp"
#include "cli/node_euis.hpp"
#include "cli/simulate/pattern.hpp"
#include "cli/simulate/scenario.hpp"
#include "protocol/identity.hpp"

namespace xgate::cli {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

constexpr std::size_t most_bytes = std::size_t{1} << 20U;
constexpr int most_nesting = 16;

std::optional<milliseconds> duration_in(const std::string& text) {
  if (text == "0s" || text == "0ms") return milliseconds(0);
  if (text.ends_with("ms")) {
    // parse_duration counts whole seconds: what is said in ms has the same form.
    const auto number = parse_duration(text.substr(0, text.size() - 2) + "s");
    if (!number || *number > largest_number) return std::nullopt;
    return milliseconds(*number);
  }
  const auto seconds = parse_duration(text);
  if (!seconds || *seconds > largest_number) return std::nullopt;
  return std::chrono::seconds(*seconds);
}

/// One table of the file: takes what it knows, and says what it does not.
class Section {
 public:
  Section(std::string name, const toml::table& table, const std::string& path,
          ScenarioErrors& errors)
      : name_(std::move(name)), table_(table), path_(path), errors_(errors) {}

  bool has(const char* key) const { return table_.contains(key); }
  void fail(const std::string& sentence) { fail(table_, name_ + " " + sentence); }
  void fail(const char* key, const std::string& sentence) {
    const toml::node* node = table_.get(key);
    fail(node == nullptr ? table_ : *node, name_ + " " + key + " " + sentence);
  }

  void take(const char* key, std::string& target) {
    const toml::node* node = find(key);
    if (node == nullptr) return;
    if (!node->is_string()) return fail(key, "must be a text");
    target = node->as_string()->get();
    if (target.empty()) fail(key, "is empty");
  }
  void take(const char* key, bool& target) {
    const toml::node* node = find(key);
    if (node == nullptr) return;
    if (!node->is_boolean()) return fail(key, "must be true or false");
    target = node->as_boolean()->get();
  }
  void take(const char* key, std::int64_t& target, std::int64_t least, std::int64_t highest) {
    const toml::node* node = find(key);
    if (node == nullptr) return;
    const bool fits = node->is_integer() && node->as_integer()->get() >= least &&
                      node->as_integer()->get() <= highest;
    if (!fits)
      return fail(key, "must be a whole number from " + std::to_string(least) + " to " +
                           std::to_string(highest));
    target = node->as_integer()->get();
  }
  bool take(const char* key, milliseconds& target) {
    const toml::node* node = find(key);
    if (node == nullptr) return false;
    const auto time = node->is_string() ? duration_in(node->as_string()->get()) : std::nullopt;
    if (!time) {
      fail(key, "must be a duration: \"500ms\", \"10s\", \"5m\", \"2h\"");
      return false;
    }
    target = *time;
    return true;
  }
  /// A pattern; `object`: of named values.
  bool take(const char* key, json& target, bool object) {
    const toml::node* node = find(key);
    if (node == nullptr) return false;
    if (object && !node->is_table()) {
      fail(key, "must be a table: { temp = \"20..30\" }");
      return false;
    }
    const std::size_t errors = errors_.size();
    target = json_of(*node, 0);
    if (errors_.size() > errors) return false;
    if (const auto wrong = wrong_with(target)) fail(key, *wrong);
    return true;
  }
  template <class Value>
  struct Word {
    const char* word;
    Value value;
  };
  template <class Value>
  void take(const char* key, Value& target, std::initializer_list<Word<Value>> words) {
    std::string text;
    take(key, text);
    if (text.empty()) return;
    std::string known;
    for (const auto& each : words) {
      if (text == each.word) {
        target = each.value;
        return;
      }
      known += (known.empty() ? "" : ", ") + std::string(each.word);
    }
    fail(key, "is \"" + text + "\", but must be one of " + known);
  }

  std::optional<Section> section(const char* key, const std::string& name) {
    const toml::node* node = find(key);
    if (node == nullptr) return std::nullopt;
    if (!node->is_table()) {
      fail(key, "must be a table");
      return std::nullopt;
    }
    return Section(name, *node->as_table(), path_, errors_);
  }
  const toml::node* find(const char* key) {
    known_.emplace_back(key);
    return table_.get(key);
  }

  /// At the end: what nobody asked for is a spelling mistake.
  void finish() {
    for (const auto& [key, node] : table_) {
      const bool known = std::find(known_.begin(), known_.end(), key.str()) != known_.end();
      if (!known) fail(node, name_ + " knows no \"" + std::string(key.str()) + "\"");
    }
  }

  void fail(const toml::node& node, const std::string& sentence) {
    errors_.push_back(path_ + ":" + std::to_string(node.source().begin.line) + ": " + sentence);
  }

 private:
  json json_of(const toml::node& node, int depth) {
    if (depth > most_nesting) {
      fail(node, name_ + " is nested too deeply");
      return nullptr;
    }
    if (const auto* text = node.as_string()) return text->get();
    if (const auto* number = node.as_integer()) return number->get();
    if (const auto* flag = node.as_boolean()) return flag->get();
    if (const auto* number = node.as_floating_point()) {
      if (std::isfinite(number->get())) return number->get();
      fail(node, name_ + ": JSON has no number like this");
      return nullptr;
    }
    if (const auto* list = node.as_array()) {
      json array = json::array();
      for (const auto& each : *list) array.push_back(json_of(each, depth + 1));
      return array;
    }
    if (const auto* table = node.as_table()) {
      json object = json::object();
      for (const auto& [key, each] : *table)
        object[std::string(key.str())] = json_of(each, depth + 1);
      return object;
    }
    fail(node, name_ + ": JSON has no dates; write a text or \"@time\"");
    return nullptr;
  }

  std::string name_;
  const toml::table& table_;
  const std::string& path_;
  ScenarioErrors& errors_;
  std::vector<std::string> known_;
};

/// One reading of one file.
class Reader {
 public:
  explicit Reader(const std::string& path) : path_(path) {}

  Scenario scenario;
  ScenarioErrors errors;

  void read(const toml::table& root) {
    Section all("the scenario", root, path_, errors);
    if (auto devices = all.section("devices", "[devices]")) read_devices(*devices);
    if (auto device = all.section("device", "[device]")) read_device(*device);
    each(all, "do", &Reader::read_task);
    each(all, "on", &Reader::read_rule);
    all.finish();
  }

 private:
  void each(Section& all, const char* key, void (Reader::*read_one)(Section&));
  void read_devices(Section& section);
  void read_device(Section& section);
  void read_task(Section& section);
  void read_task_kind(Section& section, const std::string& kind, Task& task);
  void read_history(Section& section, Task& task);
  void read_hex_task(Section& section, Task& task);
  void read_rule(Section& section);
  bool read_rule_kind(Section& section, const std::string& kind, Rule& rule);
  /// The one of `kinds` that the section has; empty after an error.
  static std::string kind_of(Section& section, std::initializer_list<const char*> kinds);
  static void must_be_true(Section& section, const char* key) {
    bool flag = true;
    section.take(key, flag);
    if (!flag) section.fail(key, "must be true, or be left out");
  }

  std::string path_;
};

void Reader::each(Section& all, const char* key, void (Reader::*read_one)(Section&)) {
  const toml::node* node = all.find(key);
  if (node == nullptr) return;
  const toml::array* list = node->as_array();
  const std::string name = "[[" + std::string(key) + "]]";
  for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
    if (!(*list)[i].is_table()) {
      list = nullptr;
      break;
    }
    Section section(name, *(*list)[i].as_table(), path_, errors);
    (this->*read_one)(section);
    section.finish();
  }
  if (list == nullptr) all.fail(*node, std::string(key) + " must be written as " + name);
}

void Reader::read_devices(Section& section) {
  section.take("product", scenario.product);
  if (!scenario.product.empty() && !protocol::is_product_id(scenario.product))
    section.fail("product", "is no ProductID: 8 hex digits (ID-2)");
  section.take("first", scenario.first);
  section.take("count", scenario.count, 1, most_devices);
  if (!scenario.first.empty())
    if (const auto names = node_euis(scenario.first, scenario.count); !names)
      section.fail("first", "cannot be counted on: " + names.error());
  if (!section.take("ramp", scenario.ramp)) scenario.ramp = milliseconds(5 * (scenario.count - 1));
  milliseconds stay{0};
  if (section.take("stay", stay)) scenario.stay = stay;
  section.finish();
}

void Reader::read_device(Section& section) {
  section.take("hard_ver", scenario.hard_ver);
  section.take("soft_ver", scenario.soft_vers["default"]);
  section.take("time", scenario.ask_time);
  section.take("reboot", scenario.reboot);
  section.take("properties", scenario.properties, true);
  section.take("settings", scenario.settings, true);
  json modules = json::object();
  section.take("modules", modules, true);
  for (const auto& [module, version] : modules.items()) {
    if (!version.is_string()) section.fail("modules", "must give each module its version as text");
    if (version.is_string()) scenario.soft_vers[module] = version.get<std::string>();
  }
  section.finish();
}

std::string Reader::kind_of(Section& section, std::initializer_list<const char*> kinds) {
  std::string found;
  std::string known;
  for (const char* kind : kinds) {
    known += (known.empty() ? "" : ", ") + std::string(kind);
    if (!section.has(kind)) continue;
    if (!found.empty()) {
      section.fail("has both " + found + " and " + kind + "; write two");
      return {};
    }
    found = kind;
  }
  if (found.empty()) section.fail("has none of " + known);
  return found;
}

void Reader::read_task(Section& section) {
  Task task;
  section.take("after", task.after);
  const bool repeats = section.take("every", task.every);
  if (repeats && task.every.count() == 0) section.fail("every", "must be more than nothing");
  task.times = repeats ? 0 : 1;
  section.take("times", task.times, 1, largest_number);
  if (section.has("times") && !repeats) section.fail("times", "needs an every");
  section.take("expect", task.expect);
  const std::string kind = kind_of(section, {"uplink", "report", "event", "history", "hex",
                                             "firmware", "config", "time", "relogin"});
  if (!kind.empty()) read_task_kind(section, kind, task);
  scenario.tasks.push_back(std::move(task));
}

void Reader::read_task_kind(Section& section, const std::string& kind, Task& task) {
  using enum Task::Kind;
  if (kind == "uplink") {
    task.kind = uplink;
    section.take("uplink", task.content, false);
  } else if (kind == "report") {
    task.kind = property;
    section.take("report", task.content, true);
  } else if (kind == "event") {
    task.kind = event;
    task.content = json::object();
    section.take("event", task.identifier);
    section.take("params", task.content, true);
  } else if (kind == "history") {
    read_history(section, task);
  } else if (kind == "hex") {
    read_hex_task(section, task);
  } else if (kind == "relogin") {
    task.kind = relogin;
    section.take("relogin", task.away);
  } else {
    task.kind = kind == "firmware" ? firmware : kind == "config" ? config : time;
    must_be_true(section, kind.c_str());
  }
}

void Reader::read_history(Section& section, Task& task) {
  constexpr std::int64_t most_points = 1000;
  task.kind = Task::Kind::history;
  task.content = json::object();
  auto history = section.section("history", "[[do]] history");
  if (!history) return;
  json properties;
  json events;
  if (history->take("properties", properties, true)) task.content["properties"] = properties;
  if (history->take("events", events, true)) task.content["events"] = events;
  history->take("points", task.points, 1, most_points);
  history->take("step", task.step);
  if (task.content.empty()) history->fail("has neither properties nor events");
  for (const json& params : events)
    if (!params.is_object()) history->fail("events", "must give each event a table of its values");
  history->finish();
}

void Reader::read_hex_task(Section& section, Task& task) {
  task.kind = Task::Kind::hex;
  task.header_ctrl = 18;
  section.take("hex", task.hex);
  if (const auto wrong = wrong_with_hex(task.hex)) section.fail("hex", *wrong);
  section.take("as", task.header_ctrl,
               {{"property", 18}, {"event", 19}, {"service", 26}, {"full", 28}});
}

void Reader::read_rule(Section& section) {
  Rule rule;
  section.take("code", rule.code);
  section.take("msg", rule.msg);
  json data;
  if (section.take("data", data, true)) rule.data = std::move(data);
  section.take("delay", rule.delay);
  section.take("ignore", rule.ignore);
  section.take("twice", rule.twice);
  section.take("times", rule.times, 1, largest_number);
  section.take("reply", rule.reply);
  const std::string kind =
      kind_of(section, {"down", "set", "ask", "call", "config", "firmware", "hex", "ota"});
  if (!kind.empty() && read_rule_kind(section, kind, rule)) scenario.rules.push_back(rule);
}

bool Reader::read_rule_kind(Section& section, const std::string& kind, Rule& rule) {
  using enum Rule::Kind;
  if (kind == "set" || kind == "ask" || kind == "call") {
    rule.kind = kind == "set" ? set : kind == "ask" ? ask : call;
    section.take(kind.c_str(), rule.identifier);
  } else if (kind == "config") {
    section.take("config", rule.kind, {{"get", config_get}, {"set", config_set}});
  } else if (kind == "hex") {
    section.take("hex", rule.kind, {{"set", hex_set}, {"call", hex_call}, {"ask", hex_ask}});
  } else if (kind == "ota") {
    rule.kind = ota;
    using Upgrade = Rule::Upgrade;
    section.take("ota", rule.upgrade,
                 {{"succeed", Upgrade::succeed},
                  {"fail", Upgrade::fail},
                  {"ignore", Upgrade::ignore},
                  {"cut", Upgrade::cut}});
  } else {
    rule.kind = kind == "down" ? down : firmware;
    must_be_true(section, kind.c_str());
  }
  if (section.has("reply")) {
    if (rule.kind != hex_call && rule.kind != hex_ask)
      section.fail("reply", "is for hex = \"call\" and \"ask\"");
    if (const auto wrong = wrong_with_hex(rule.reply)) section.fail("reply", *wrong);
  }
  return true;
}

}  // namespace

tl::expected<Scenario, ScenarioErrors> parse_scenario(std::string_view text,
                                                      const std::string& path) {
  toml::table root;
  try {
    root = toml::parse(text, path);
  } catch (const toml::parse_error& error) {
    return tl::unexpected(ScenarioErrors{path + ":" + std::to_string(error.source().begin.line) +
                                         ": " + std::string(error.description())});
  }
  Reader reader(path);
  reader.read(root);
  if (!reader.errors.empty()) return tl::unexpected(std::move(reader.errors));
  return std::move(reader.scenario);
}

tl::expected<Scenario, ScenarioErrors> load_scenario(const std::string& path) {
  const auto refuse = [&path](const std::string& why) {
    return tl::unexpected(ScenarioErrors{"cannot read " + path + ": " + why});
  };
  std::ifstream in(path, std::ios::binary);
  if (!in) return refuse(std::generic_category().message(errno));
  std::string text(most_bytes + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad() || in.gcount() == 0) return refuse("it is empty, or no file");
  if (static_cast<std::size_t>(in.gcount()) > most_bytes) return refuse("it is larger than 1 MB");
  text.resize(static_cast<std::size_t>(in.gcount()));
  return parse_scenario(text, path);
}

}  // namespace xgate::cli
