// SPDX-License-Identifier: Apache-2.0
#include "cli/program.hpp"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/api.hpp"
#include "cli/command.hpp"
#include "cli/help.hpp"
#include "cli/misuse.hpp"
#include "cli/options.hpp"
#include "cli/service_address.hpp"

namespace xgate::cli {
namespace {

struct Row {
  const Command* command = nullptr;
  Handler handler;
};

// The program's commands as CLI11 wants them. It refers to itself: neither copied nor moved.
class Parser {
 public:
  Parser();
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;

  CLI::App& root() noexcept { return root_; }
  const GlobalOptions& global() const noexcept { return global_; }
  const CLI::App& reached() const;  ///< the last command or group that was named
  const Row* row(const CLI::App& app) const;

 private:
  void add_global_options(CLI::App& app, Needs needs);
  void add(const Command& command);

  CLI::App root_{"The platform side of the MQTT device-access protocol · MQTT 设备接入协议的平台侧",
                 "xgate"};
  GlobalOptions global_;
  std::map<const CLI::App*, Row> rows_;
};

Parser::Parser() {
  const auto prepare = [](CLI::App& app) {
    app.set_help_flag("-h,--help", "this text · 显示本帮助")->group(everywhere);
  };
  prepare(root_);
  root_.set_version_flag("--version")
      ->description("as `xgate version` · 显示版本")
      ->group(everywhere);
  root_.require_subcommand(1);
  add_global_options(root_, Needs::service);
  for (const Group& group : groups()) {
    CLI::App* app = root_.add_subcommand(std::string(group.name), std::string(group.summary));
    prepare(*app);
    app->require_subcommand(1);
    add_global_options(*app, Needs::service);
  }
  for (const Command& command : commands()) add(command);
}

void Parser::add_global_options(CLI::App& app, Needs needs) {
  if (needs == Needs::own) return;
  if (needs == Needs::service) {
    app.add_option("--url", global_.url,
                   std::string("the service (XGATE_URL; else ") + default_url +
                       ") · 服务地址（XGATE_URL，否则 " + default_url + "）")
        ->type_name("URL")
        ->group(everywhere);
    app.add_option("--token-file", global_.token_file,
                   "file of the API token (XGATE_TOKEN_FILE; else ./var/admin.token) · "
                   "API 令牌文件（XGATE_TOKEN_FILE，否则 ./var/admin.token）")
        ->type_name("FILE")
        ->group(everywhere);
  }
  if (needs == Needs::service && app.get_option_no_throw("--ca-file") == nullptr) {
    app.add_option("--ca-file", global_.ca_file,
                   "authorities to trust at https:// (XGATE_CA_FILE; else the system's) · "
                   "https:// 所信任的 CA 证书文件（XGATE_CA_FILE，否则系统的）")
        ->type_name("FILE")
        ->group(everywhere);
  }
  if (needs == Needs::service) {
    app.add_flag("--wide", global_.wide,
                 "tables as wide as they are, also on a terminal · 表格不按终端宽度截断")
        ->group(everywhere);
  }
  add_choice(app, "--lang", global_.language, {"en", "zh"},
             "the language of sentences, else the locale's · 提示语言，默认取系统语言")
      ->group(everywhere);
  if (app.get_option_no_throw("--json") != nullptr) return;  // the command has one of its own
  app.add_flag("--json", global_.json, "print JSON only · 只输出 JSON")->group(everywhere);
}

void Parser::add(const Command& command) {
  const std::string path(command.path);
  const std::size_t space = path.find(' ');
  CLI::App& parent =
      space == std::string::npos ? root_ : *root_.get_subcommand(path.substr(0, space));
  const std::string name = space == std::string::npos ? path : path.substr(space + 1);
  CLI::App* app = parent.add_subcommand(name, std::string(command.summary));
  app->set_help_flag("-h,--help", "this text · 显示本帮助")->group(everywhere);
  rows_[app] = Row{&command, command.declare(*app)};
  add_global_options(*app, command.needs);
}

const CLI::App& Parser::reached() const {
  const CLI::App* app = &root_;
  while (!app->get_subcommands().empty()) app = app->get_subcommands().front();
  return *app;
}

const Row* Parser::row(const CLI::App& app) const {
  const auto found = rows_.find(&app);
  return found == rows_.end() ? nullptr : &found->second;
}

int report(const Environment& env, const CLI::App& app, const Failure& failure) {
  env.out.flush();
  const std::string help = failure.status == status_misused ? "; " + where_help_is(app) : "";
  std::string lines = printable::Line(failure.sentence + help).text();
  for (const std::string& line : failure.below) lines += '\n' + printable::Line(line).text();
  env.err << "xgate: ";
  env.err.document(texts::in(env.language, lines));
  env.err << '\n';
  return failure.status;
}

/// --lang's, wherever it stands: what is wrong with the other words is said in it too.
texts::Language language_of(const std::vector<std::string>& words, const Environment& locale) {
  const std::string name = "--lang";
  texts::Language language = locale.language;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const bool in_the_next = words[i] == name && i + 1 < words.size();
    const bool in_this_one = words[i].starts_with(name + "=");
    if (!in_the_next && !in_this_one) continue;
    const std::string asked = in_the_next ? words[i + 1] : words[i].substr(name.size() + 1);
    if (asked == "zh") language = texts::Language::zh;
    if (asked == "en") language = texts::Language::en;
  }
  return language;
}

int run_command(const Parser& parser, Environment env) {
  const CLI::App& app = parser.reached();
  if (parser.global().wide) env.columns = 0;
  const Outcome outcome = parser.row(app)->handler(Context{env, parser.global()});
  if (!outcome) return report(env, app, outcome.error());
  if (!env.out.flush()) {
    return report(env, app,
                  {"cannot write to standard output; is the disk full?", status_failed, false});
  }
  return status_done;
}

}  // namespace

Result<Api> Context::connect() const {
  const Result<ServiceAddress> address = find_service(env, global.url, global.token_file);
  if (!address) return tl::unexpected(address.error());
  HttpClient client(address->url, address->token);
  client.trust(global.ca_file.empty() ? env.ca_file : global.ca_file);
  // What programs read does not change with somebody's locale.
  const bool for_programs = global.json && global.language.empty();
  if (env.language == texts::Language::zh && !for_programs) client.accept_language("zh, en;q=0.5");
  return Api(std::move(client), [&env = env](const std::string& sentence) {
    env.err << "xgate: " << texts::in(env.language, sentence) << '\n';
  });
}

void Context::print(const Json& value) const {
  const int indent = env.out_is_terminal ? 2 : -1;
  env.out.json(value.dump(indent, ' ', false, Json::error_handler_t::replace));
  env.out << '\n';
}

void Context::say(std::string_view sentence) const {
  env.out << texts::in(env.language, sentence) << '\n';
}

int run(const std::vector<std::string>& words, const Environment& locale) {
  Environment env = locale;
  env.language = language_of(words, locale);
  Parser parser;
  try {
    std::vector<std::string> reversed(words.rbegin(), words.rend());  // as CLI11 wants them
    if (!reversed.empty() && reversed.back() == "help") {
      reversed.back() = "--help";
      std::rotate(reversed.begin(), reversed.end() - 1, reversed.end());
    }
    parser.root().parse(std::move(reversed));
  } catch (const CLI::CallForVersion&) {
    const bool json = std::ranges::find(words, "--json") != words.end();
    return run(
        json ? std::vector<std::string>{"version", "--json"} : std::vector<std::string>{"version"},
        env);
  } catch (const CLI::CallForHelp& asked) {
    const CLI::App& app = parser.reached();
    if (is_group(app) && !app.remaining().empty()) {
      return report(env, app, {misuse_sentence(app, asked), status_misused, false});
    }
    const Row* row = parser.row(app);
    env.out.document(help_text(app, row == nullptr ? nullptr : row->command));
    return status_done;
  } catch (const CLI::ParseError& error) {
    const CLI::App& app = parser.reached();
    return report(env, app, {misuse_sentence(app, error), status_misused, false});
  }
  return run_command(parser, env);
}

}  // namespace xgate::cli
