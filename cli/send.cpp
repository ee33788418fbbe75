// SPDX-License-Identifier: Apache-2.0
#include "cli/send.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/api.hpp"
#include "cli/device_commands.hpp"
#include "cli/display.hpp"
#include "cli/options.hpp"
#include "protocol/json_text.hpp"

namespace xgate::cli {
namespace {

/// Below the time that a client waits for a byte.
constexpr std::int64_t longest_ask_s = 20;

struct SendOptions {
  std::string device;
  std::string what;
  std::vector<std::string> words;
  std::string data;
  bool encrypt = false;
  std::optional<std::int64_t> wait_s;
  std::optional<std::int64_t> ttl_s;
};

/// JSON where it is some, else the text itself: 25, true, "25" in quotes, on.
Json value_from(const std::string& text) {
  auto value = protocol::parse_json(text);
  return value ? Json(*value) : Json(text);
}

Result<Json> json_from(const std::string& text, std::string_view what) {
  auto value = protocol::parse_json(text);
  if (!value) return misused(std::string(what) + ": " + value.error());
  return std::move(*value);
}

/// NAME=VALUE words as an object.
Result<Json> pairs_from(const std::vector<std::string>& words, std::size_t first) {
  Json object = Json::object();
  for (std::size_t i = first; i < words.size(); ++i) {
    const auto equals = words[i].find('=');
    if (equals == std::string::npos || equals == 0) {
      return misused("\"" + words[i] + "\" is no NAME=VALUE");
    }
    object[words[i].substr(0, equals)] = value_from(words[i].substr(equals + 1));
  }
  return object;
}

Result<Json> of_the_model(const SendOptions& options) {
  Json body{{"kind", options.what}};
  const std::size_t first = options.what == "call" ? 1 : 0;
  if (options.words.empty()) {
    return misused(options.what == "set"    ? "name at least one ID=VALUE"
                   : options.what == "call" ? "name the SERVICE to call"
                                            : "name at least one property to ask for");
  }
  if (options.what == "ask") {
    body["params"] = options.words;
    return body;
  }
  if (options.what == "call") body["service"] = options.words.front();
  const Result<Json> params = pairs_from(options.words, first);
  if (!params) return tl::unexpected(params.error());
  body["params"] = *params;
  return body;
}

/// For the shell: in single quotes.
std::string quoted_for_shell(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

Result<Json> body_of(const SendOptions& options) {
  if (options.what == "down" && options.data.empty() && !options.words.empty()) {
    const std::string data = protocol::compact(value_from(options.words.front()));
    return misused("what is sent down goes into --data, as JSON: down --data " +
                   quoted_for_shell(data));
  }
  const bool takes_words = options.what == "set" || options.what == "ask" ||
                           options.what == "call" || options.what == "config-set";
  if (!takes_words && !options.words.empty()) {
    return misused("\"" + options.words.front() + "\" is one word too many");
  }
  if (options.what != "down" && !options.data.empty()) return misused("--data goes with down");
  if (options.what == "set" || options.what == "ask" || options.what == "call") {
    return of_the_model(options);
  }
  if (options.what == "down") {
    if (options.data.empty()) return misused("--data JSON is required");
    const Result<Json> data = json_from(options.data, "--data");
    if (!data) return tl::unexpected(data.error());
    return Json{{"kind", "down"}, {"data", *data}};
  }
  if (options.what == "config-set") {
    if (options.words.size() != 1) return misused("give the settings as one JSON object");
    const Result<Json> settings = json_from(options.words.front(), "the settings");
    if (!settings) return tl::unexpected(settings.error());
    return Json{{"kind", "config_set"}, {"settings", *settings}};
  }
  return Json{{"kind", options.what == "config-get" ? "config_get" : "firmware_ask"}};
}

bool is_open(const Json& command) {
  const std::string state = member_text(command, "state");
  return state == "queued" || state == "sent" || state == "received";
}

/// Asks again until the command is settled, or the time is over.
Result<Json> wait_for(Api& api, Json command, std::chrono::steady_clock::time_point until) {
  while (is_open(command)) {
    const auto left =
        std::chrono::ceil<std::chrono::seconds>(until - std::chrono::steady_clock::now()).count();
    if (left <= 0) break;
    Result<Json> now = api.get("/commands/" + member_text(command, "command_id") + "?wait=" +
                               std::to_string(std::min<std::int64_t>(left, longest_ask_s)));
    if (!now) return now;
    command = std::move(*now);
  }
  return command;
}

/// Status 3 where what was waited for did not come.
Outcome verdict_on(const Json& command) {
  const std::string state = member_text(command, "state");
  if (state == "done") return {};
  const std::string name = "command " + member_text(command, "command_id");
  const std::string reason = member_text(command, "reason");
  std::string sentence = is_open(command)
                             ? name + " is still " + state + "; see: xgate command show " +
                                   member_text(command, "command_id")
                             : name + " " + (state == "failed" ? state : "is " + state);
  if (!reason.empty()) sentence += ": " + reason;
  return tl::unexpected(Failure{std::move(sentence), status_not_done, false});
}

/// What became of it, in a line; `xgate command show` has the rest.
void print_outcome(const Context& context, const Json& command, bool waited) {
  if (context.global.json) return context.print(command);
  const std::string id = member_text(command, "command_id");
  const std::string line = "command " + id + " is " + member_text(command, "state");
  const std::string result = member_text(command, "result");
  if (is_open(command)) {
    const std::string why = member_text(command, "reason");
    if (!waited) {
      context.say(line + (why.empty() ? "" : ": ") + why + "; its result: xgate command show " +
                  id);
    }
  } else if (member_text(command, "state") == "done") {
    context.say(result.empty() ? line : line + ": " + result);
  } else if (!result.empty()) {
    context.env.out << result << '\n';
  }
}

}  // namespace

Handler declare_send(CLI::App& app) {
  auto options = std::make_shared<SendOptions>();
  add_device_name(app, options->device);
  app.add_option("command", options->what,
                 "down, set ID=VALUE…, ask ID…, call SERVICE [NAME=VALUE…], config-get, "
                 "config-set JSON, firmware-ask · 下发内容")
      ->type_name("WHAT")
      ->required()
      ->check(CLI::Validator(
          [](std::string& text) {
            for (const char* known :
                 {"down", "set", "ask", "call", "config-get", "config-set", "firmware-ask"}) {
              if (text == known) return std::string();
            }
            return "\"" + text +
                   "\" is none of down|set|ask|call|config-get|config-set|firmware-ask";
          },
          ""));
  app.add_option("words", options->words,
                 "of set, ask, call and config-set; a VALUE is JSON, or else text · 参数")
      ->type_name("WORD…");
  add_text(app, "--data", options->data, "JSON",
           "what to send down (DOWN-1) · 下发的内容（DOWN-1）");
  app.add_flag("--encrypt", options->encrypt, "encrypt it (ENC-3) · 加密下发（ENC-3）");
  add_duration(app, "--wait", options->wait_s, "wait so long for the result · 等待结果的时间");
  add_duration(app, "--ttl", options->ttl_s, "give up after · 有效期");
  return [options](const Context& context) -> Outcome {
    Result<Json> body = body_of(*options);
    if (!body) return tl::unexpected(body.error());
    if (options->encrypt) (*body)["encrypt"] = true;
    if (options->ttl_s) (*body)["ttl_s"] = *options->ttl_s;
    Result<Api> api = context.connect();
    if (!api) return tl::unexpected(api.error());
    const auto until =
        std::chrono::steady_clock::now() + std::chrono::seconds(options->wait_s.value_or(0));
    const std::int64_t first_wait = std::min(options->wait_s.value_or(0), longest_ask_s);
    Result<Json> command =
        api->post(with_query("/devices/" + options->device + "/commands",
                             {{"wait", first_wait > 0 ? std::to_string(first_wait) : ""}}),
                  *body);
    if (command && options->wait_s) command = wait_for(*api, std::move(*command), until);
    if (!command) return tl::unexpected(command.error());
    print_outcome(context, *command, options->wait_s.has_value());
    return options->wait_s ? verdict_on(*command) : Outcome{};
  };
}

}  // namespace xgate::cli
