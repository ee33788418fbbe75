// SPDX-License-Identifier: Apache-2.0
#include "cli/model.hpp"

#include <memory>
#include <utility>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/api.hpp"
#include "cli/display.hpp"
#include "cli/input.hpp"
#include "cli/options.hpp"
#include "protocol/thing_model.hpp"

namespace xgate::cli {
namespace {

Result<std::string> read_document(const Environment& env, const std::string& file) {
  auto text = read_input(env, file);
  if (!text) return text;
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (text->starts_with(byte_order_mark)) text->erase(0, byte_order_mark.size());
  // Told here, with the byte, before it is sent.
  const auto parsed = protocol::parse_json(*text, protocol::model_limits);
  if (!parsed) return failed(input_name(file) + " is no thing model: " + parsed.error());
  return text;
}

void print_breaking(const Context& context, const Json& answer) {
  const auto breaking = answer.find("breaking");
  if (breaking == answer.end() || !breaking->is_array() || breaking->empty()) return;
  context.say("devices that follow the version before it:");
  Table table({{"where", Yields::first}, {"what", Yields::by_lines}});
  for (const Json& each : *breaking) {
    table.add({{member_text(each, "pointer"), Style::faint},
               texts::in(context.env.language, member_text(each, "detail"))});
  }
  table.print(context.env);
}

/// The member "model", which the service puts last and as it was written.
Result<std::string> document_in(const std::string& answer) {
  constexpr std::string_view head = ",\"model\":";
  const auto begin = answer.find(head);
  const auto end = answer.rfind('}');
  if (begin == std::string::npos || end == std::string::npos || end < begin + head.size()) {
    return failed("the service's answer holds no thing model; is it of another version?");
  }
  return answer.substr(begin + head.size(), end - begin - head.size());
}

}  // namespace

std::string indented(std::string_view json) {
  std::string text;
  std::string line_break = "\n";
  bool in_string = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_string) {
      text += c;
      if (c == '\\' && i + 1 < json.size()) text += json[++i];
      in_string = c != '"';
      continue;
    }
    switch (c) {
      case ' ':
      case '\t':
      case '\r':
      case '\n':
        break;
      case '{':
      case '[': {
        text += c;
        const auto next = json.find_first_not_of(" \t\r\n", i + 1);
        if (next != std::string_view::npos && (json[next] == '}' || json[next] == ']')) {
          text += json[next];
          i = next;
          break;
        }
        line_break += "  ";
        text += line_break;
        break;
      }
      case '}':
      case ']':
        if (line_break.size() > 2) line_break.resize(line_break.size() - 2);
        text += line_break;
        text += c;
        break;
      case ',':
        text += c;
        text += line_break;
        break;
      case ':':
        text += ": ";
        break;
      default:
        in_string = c == '"';
        text += c;
    }
  }
  return text;
}

Handler declare_model_set(CLI::App& app) {
  struct Options {
    std::string product_id;
    std::string file;
    bool check = false;
  };
  auto options = std::make_shared<Options>();
  add_product_id(app, "product_id", options->product_id)->required();
  add_text(app, "file", options->file, "FILE.json",
           "the model as TSL JSON, - is standard input · 物模型 TSL 文件，- 为标准输入")
      ->required();
  app.add_flag("--check", options->check,
               "store nothing; tell what is wrong, and what breaks live devices · 只检查，不保存");
  return [options](const Context& context) -> Outcome {
    Result<std::string> document = read_document(context.env, options->file);
    if (!document) return tl::unexpected(document.error());
    Result<Api> api = context.connect();
    if (!api) return tl::unexpected(api.error());
    const auto answer = api->put(
        "/products/" + options->product_id + "/model" + (options->check ? "?check=true" : ""),
        std::move(*document), "application/json");
    if (!answer) return tl::unexpected(answer.error());
    if (context.global.json) {
      context.print(*answer);
      return {};
    }
    if (options->check) {
      context.say("the thing model is valid");
    } else {
      context.say("product " + options->product_id + " has version " +
                  member_text(*answer, "version") + " of its thing model");
    }
    print_breaking(context, *answer);
    return {};
  };
}

Handler declare_model_show(CLI::App& app) {
  struct Options {
    std::string product_id;
    std::int64_t version = 0;
  };
  auto options = std::make_shared<Options>();
  add_product_id(app, "product_id", options->product_id)->required();
  add_number(app, "--version", options->version, 1, INT64_MAX,
             "an older one; else the newest · 指定版本，默认为最新");
  return [options](const Context& context) -> Outcome {
    Result<Api> api = context.connect();
    if (!api) return tl::unexpected(api.error());
    const std::string target =
        with_query("/products/" + options->product_id + "/model",
                   {{"version", options->version > 0 ? std::to_string(options->version) : ""}});
    if (context.global.json) {
      const auto answer = api->get(target);
      if (!answer) return tl::unexpected(answer.error());
      context.print(*answer);
      return {};
    }
    std::string answer;
    if (auto done = api->download(target, [&](std::string_view part) { answer += part; }); !done) {
      return done;
    }
    const auto document = document_in(answer);
    if (!document) return tl::unexpected(document.error());
    context.env.out.json(indented(*document));
    context.env.out << '\n';
    return {};
  };
}

}  // namespace xgate::cli
