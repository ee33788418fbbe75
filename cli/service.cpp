// SPDX-License-Identifier: Apache-2.0
#include "cli/service.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/device_commands.hpp"
#include "cli/options.hpp"
#include "service/app/migrate.hpp"
#include "service/app/serve.hpp"
#include "service/config/config.hpp"

namespace xgate::cli {
namespace {

Result<config::Settings> load(const std::string& file,
                              config::SecretFiles secrets = config::SecretFiles::read) {
  auto settings = config::load(file, config::environment_variable, secrets);
  if (settings) return std::move(*settings);
  Failure failure;
  for (const std::string& error : settings.error()) {
    if (failure.sentence.empty()) {
      failure.sentence = error;
    } else {
      failure.below.push_back("       " + error);
    }
  }
  return tl::unexpected(std::move(failure));
}

}  // namespace

Handler declare_serve(CLI::App& app) {
  auto file = std::make_shared<std::string>();
  add_text(app, "--config", *file, "FILE", "settings file · 服务的配置文件")->required();
  return [file](const Context&) -> Outcome {
    const Result<config::Settings> settings = load(*file);
    if (!settings) return tl::unexpected(settings.error());
    if (app::serve(*settings) != status_done)
      return failed("the service could not run; see its log");
    return {};
  };
}

Handler declare_migrate(CLI::App& app) {
  struct Options {
    std::string config;
    std::string database;
    std::optional<std::int64_t> wait_s;
  };
  auto options = std::make_shared<Options>();
  add_text(app, "--config", options->config, "FILE",
           "settings file of the service · 服务的配置文件");
  add_text(app, "--database", options->database, "CONNINFO",
           "as this connects instead, libpq's conninfo or URI: the owner of the schema · "
           "改用此连接串（属主角色）");
  add_duration(app, "--wait", options->wait_s,
               "try so long to reach a database that is not up yet · 数据库尚未启动时等待的时间");
  return [options](const Context& context) -> Outcome {
    if (options->config.empty() && options->database.empty()) {
      return misused("--config or --database is required");
    }
    std::string database = options->database;
    app::Roles roles;
    if (!options->config.empty()) {
      const auto settings = load(options->config, config::SecretFiles::leave);
      if (!settings) return tl::unexpected(settings.error());
      const auto& named = settings->database;
      roles = {named.service_role, named.plugin_role};
      if (database.empty()) database = named.migrate_url.empty() ? named.url : named.migrate_url;
    }
    const auto say = [&](const std::string& step) {
      context.say(step);
      context.env.out.flush();
    };
    const auto done =
        app::migrate(database, say, roles, std::chrono::seconds(options->wait_s.value_or(0)));
    if (!done) return failed(done.error());
    return {};
  };
}

Handler declare_config(CLI::App& app) {
  auto check = std::make_shared<std::string>();
  auto device = std::make_shared<std::string>();
  CLI::Option* of_a_file =
      add_text(app, "--check", *check, "FILE", "only say whether this one is good · 检查配置文件");
  add_device_name(app, *device)->required(false)->excludes(of_a_file);
  return [check, device](const Context& context) -> Outcome {
    if (!device->empty()) return show_device_config(context, *device);
    if (check->empty()) {
      if (context.global.json) {
        context.print(config::describe_as_json());
      } else {
        context.env.out.document(config::describe());
      }
      return {};
    }
    const Result<config::Settings> settings = load(*check);
    if (!settings) return tl::unexpected(settings.error());
    if (context.global.json) {
      context.print({{"file", *check}, {"good", true}});
    } else {
      context.say(*check + " is good");
    }
    return {};
  };
}

}  // namespace xgate::cli
