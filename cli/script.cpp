// SPDX-License-Identifier: Apache-2.0
#include "cli/script.hpp"

#include <array>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/api.hpp"
#include "cli/display.hpp"
#include "cli/input.hpp"
#include "cli/local_time.hpp"
#include "cli/options.hpp"
#include "printable/characters.hpp"
#include "protocol/json.hpp"

namespace xgate::cli {
namespace {

std::string script_target(const std::string& product_id) {
  return "/products/" + product_id + "/script";
}

/// A script as it was written, so that a file of it can be set again; on a terminal escaped.
void print_source(const Context& context, const std::string& source) {
  if (!context.env.out_is_terminal) {
    context.env.out.bytes(source);
    return;
  }
  context.env.out.document(source);
  if (!source.ends_with('\n')) context.env.out << '\n';
}

/// "3.9 us", "12.4 ms".
std::string processor_time(const Json& answer) {
  const auto time = answer.find("time_us");
  const double us = time != answer.end() && time->is_number() ? time->get<double>() : 0;
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f %s", us < 1000 ? us : us / 1000,
                us < 1000 ? "us" : "ms");
  return text.data();
}

/// Beside the result, not in it: who pipes that on reads no console.
void print_console(const Context& context, const Json& answer) {
  const auto lines = answer.find("console");
  if (lines == answer.end() || !lines->is_array()) return;
  for (const Json& line : *lines) {
    if (line.is_string()) {
      context.env.err << "console: " << line.get_ref<const std::string&>() << '\n';
    }
  }
}

Outcome print_trial(const Context& context, const Json& answer) {
  const std::string error = member_text(answer, "error");
  if (!context.global.json) print_console(context, answer);
  if (context.global.json) {
    context.print(answer);
  } else if (error.empty()) {
    const auto object = answer.find("json");
    if (object != answer.end() && object->is_object()) {
      context.print(*object);
    } else {
      context.env.out << member_text(answer, "hex") << '\n';
    }
    context.env.err << texts::in(context.env.language,
                                 "time " + processor_time(answer) + ", memory " +
                                     member_text(answer, "memory_bytes") + " bytes, at " +
                                     zoned_time(member_text(answer, "at")))
                    << '\n';
  }
  if (!error.empty()) return failed(error);
  return {};
}

}  // namespace

Handler declare_script_set(CLI::App& app) {
  struct Options {
    std::string product_id;
    std::string file;
  };
  auto options = std::make_shared<Options>();
  add_product_id(app, "product_id", options->product_id)->required();
  add_text(app, "file", options->file, "FILE.js",
           "JavaScript with rawDataToProtocol and protocolToRawData (HEX-4), - is standard input · "
           "脚本文件，含 rawDataToProtocol 和 protocolToRawData（HEX-4），- 为标准输入")
      ->required();
  return [options](const Context& context) -> Outcome {
    auto source = read_input(context.env, options->file);
    if (!source) return tl::unexpected(source.error());
    Result<Api> api = context.connect();
    if (!api) return tl::unexpected(api.error());
    const auto saved =
        api->put(script_target(options->product_id), std::move(*source), "text/javascript");
    if (!saved) return tl::unexpected(saved.error());
    if (context.global.json) {
      context.print(*saved);
    } else {
      context.say("product " + options->product_id + " is parsed with version " +
                  member_text(*saved, "version") + " of its script");
    }
    return {};
  };
}

Handler declare_script_show(CLI::App& app) {
  struct Options {
    std::string product_id;
    std::int64_t version = 0;
  };
  auto options = std::make_shared<Options>();
  add_product_id(app, "product_id", options->product_id)->required();
  add_number(app, "--version", options->version, 1, INT32_MAX,
             "an older one; else the newest · 指定版本，默认最新");
  return [options](const Context& context) -> Outcome {
    Result<Api> api = context.connect();
    if (!api) return tl::unexpected(api.error());
    const std::string version =
        options->version == 0 ? std::string() : std::to_string(options->version);
    const auto script =
        api->get(with_query(script_target(options->product_id), {{"version", version}}));
    if (!script) return tl::unexpected(script.error());
    if (context.global.json) {
      context.print(*script);
    } else {
      print_source(context, member_text(*script, "source"));
    }
    return {};
  };
}

Handler declare_script_test(CLI::App& app) {
  struct Options {
    std::string product_id;
    std::string hex;
    std::string json;
    std::string file;
    std::string at;
  };
  auto options = std::make_shared<Options>();
  add_product_id(app, "product_id", options->product_id)->required();
  CLI::Option* hex = add_text(app, "--hex", options->hex, "HEX",
                              "what a device sends: to rawDataToProtocol · 设备上报的字节");
  CLI::Option* json = add_text(app, "--json", options->json, "JSON",
                               "a command: to protocolToRawData · 下发的 JSON");
  hex->excludes(json);
  add_text(app, "--file", options->file, "FILE.js",
           "this script instead of the product's, - is standard input · "
           "用此文件代替已上传的脚本，- 为标准输入");
  add_time(app, "--at", options->at,
           "what the script's clock says, or how long ago; now where not given · "
           "脚本时钟的时间，默认现在");
  return [options](const Context& context) -> Outcome {
    Json body = Json::object();
    if (!options->hex.empty()) body["hex"] = options->hex;
    if (!options->json.empty()) {
      auto value = protocol::parse_json(options->json);
      if (!value) return misused("--json: " + value.error());
      body["json"] = *value;
    }
    if (body.empty()) return misused("--hex or --json is required");
    if (!options->at.empty()) body["at"] = options->at;
    if (!options->file.empty()) {
      auto source = read_input(context.env, options->file);
      if (!source) return tl::unexpected(source.error());
      if (!printable::is_utf8(*source))
        return failed(input_name(options->file) + " is no UTF-8 text");
      body["source"] = std::move(*source);
    }
    Result<Api> api = context.connect();
    if (!api) return tl::unexpected(api.error());
    const auto answer = api->post(script_target(options->product_id) + "/test", body);
    if (!answer) return tl::unexpected(answer.error());
    return print_trial(context, *answer);
  };
}

}  // namespace xgate::cli
