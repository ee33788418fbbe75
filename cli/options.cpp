// SPDX-License-Identifier: Apache-2.0
#include "cli/options.hpp"

#include <cerrno>
#include <charconv>
#include <ctime>
#include <fstream>
#include <functional>
#include <system_error>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "cli/api.hpp"
#include "cli/duration.hpp"
#include "cli/local_time.hpp"
#include "protocol/identity.hpp"

namespace xgate::cli {
namespace {

using Check = std::function<std::string(std::string&)>;  ///< what is wrong, or nothing

CLI::Option* add_checked(CLI::App& app, const std::string& name, std::string& target,
                         const std::string& value_name, const std::string& help, Check check) {
  return app.add_option(name, target, help)
      ->type_name(value_name)
      ->check(CLI::Validator(std::move(check), ""));
}

std::string in_quotes(const std::string& text) { return '"' + text + '"'; }

std::optional<std::int64_t> number_from(const std::string& text) noexcept {
  std::int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number);
  if (parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
  return number;
}

// The first line: a secret's file may end in a newline, and standard input may bring several.
Result<std::string> first_line(std::istream& stream, const std::string& from) {
  std::string line;
  std::getline(stream, line);
  constexpr std::string_view blank = " \t\r\n";
  line.erase(line.find_last_not_of(blank) + 1);
  line.erase(0, line.find_first_not_of(blank));
  if (line.empty()) return failed(from + " holds nothing where a key was expected");
  return line;
}

}  // namespace

CLI::Option* add_text(CLI::App& app, const std::string& name, std::string& target,
                      const std::string& value_name, const std::string& help) {
  return add_checked(app, name, target, value_name, help, [](std::string& text) {
    return text.empty() ? std::string("must not be empty") : std::string();
  });
}

CLI::Option* add_choice(CLI::App& app, const std::string& name, std::string& target,
                        std::initializer_list<const char*> choices, const std::string& help) {
  std::string all;
  for (const char* choice : choices) all += (all.empty() ? "" : "|") + std::string(choice);
  const std::vector<std::string> allowed(choices.begin(), choices.end());
  return add_checked(app, name, target, all, help, [allowed, all](std::string& text) {
    for (const std::string& choice : allowed) {
      if (choice == text) return std::string();
    }
    return in_quotes(text) + " is none of " + all;
  });
}

CLI::Option* add_on_off(CLI::App& app, const std::string& name, std::optional<bool>& target,
                        const std::string& help) {
  const auto set = [&target](const std::string& text) { target = text == "on"; };
  return app.add_option_function<std::string>(name, set, help)
      ->type_name("on|off")
      ->check(CLI::Validator(
          [](std::string& text) {
            return text == "on" || text == "off" ? std::string()
                                                 : in_quotes(text) + " is neither on nor off";
          },
          ""));
}

CLI::Option* add_number(CLI::App& app, const std::string& name, std::int64_t& target,
                        std::int64_t least, std::int64_t most, const std::string& help) {
  const auto set = [&target](const std::string& text) { target = *number_from(text); };
  return app.add_option_function<std::string>(name, set, help)
      ->type_name("N")
      ->check(CLI::Validator(
          [least, most](std::string& text) {
            const auto number = number_from(text);
            if (number && *number >= least && *number <= most) return std::string();
            return in_quotes(text) + " is no whole number from " + std::to_string(least) + " to " +
                   std::to_string(most);
          },
          ""));
}

CLI::Option* add_number_or_none(CLI::App& app, const std::string& name, std::string& target,
                                std::int64_t least, std::int64_t most, const std::string& help) {
  return add_checked(app, name, target, "N|none", help, [least, most](std::string& text) {
    const auto number = number_from(text);
    if (text == "none" || (number && *number >= least && *number <= most)) return std::string();
    return in_quotes(text) + " is neither none nor a whole number from " + std::to_string(least) +
           " to " + std::to_string(most);
  });
}

CLI::Option* add_duration(CLI::App& app, const std::string& name,
                          std::optional<std::int64_t>& target, const std::string& help) {
  const auto set = [&target](const std::string& text) { target = *parse_duration(text); };
  return app.add_option_function<std::string>(name, set, help)
      ->type_name("DURATION")
      ->check(CLI::Validator(
          [](std::string& text) {
            const auto seconds = parse_duration(text);
            return seconds ? std::string() : seconds.error();
          },
          ""));
}

namespace {

/// `read`: a moment as the API takes it. `wrong`: what follows the text that is none.
CLI::Option* add_moment(CLI::App& app, const std::string& name, std::string& target,
                        const std::string& help,
                        std::optional<std::string> (*read)(const std::string&, std::time_t),
                        const std::string& wrong) {
  const auto replace = [read, wrong](std::string& text) {
    auto moment = read(text, std::time(nullptr));
    if (!moment) return in_quotes(text) + wrong;
    text = std::move(*moment);
    return std::string();
  };
  return app.add_option(name, target, help)
      ->type_name("TIME")
      ->transform(CLI::Validator(replace, ""));
}

}  // namespace

CLI::Option* add_time(CLI::App& app, const std::string& name, std::string& target,
                      const std::string& help) {
  return add_moment(app, name, target, help, time_from,
                    " is not a time: write it as it is printed, 2026-11-23 10:04:50, with a zone, "
                    "2026-11-23T10:04:50+08:00, or how long ago, 2h");
}

CLI::Option* add_future_time(CLI::App& app, const std::string& name, std::string& target,
                             const std::string& help) {
  return add_moment(app, name, target, help, coming_time_from,
                    " is not a time to come: write in how long, 30d, a date, 2026-11-23, or a "
                    "time, 2026-11-23 10:04:50 or 2026-11-23T10:04:50+08:00");
}

CLI::Option* add_open_id(CLI::App& app, const std::string& name, std::string& target) {
  return add_checked(
      app, name, target, "O", "OpenID of the vendor · 厂商 OpenID", [](std::string& text) {
        return protocol::is_open_id(text) ? std::string()
                                          : in_quotes(text) + " is no OpenID: 8 hex digits (ID-1)";
      });
}

CLI::Option* add_product_id(CLI::App& app, const std::string& name, std::string& target) {
  return add_checked(app, name, target, "P", "ProductID · 产品 ProductID", [](std::string& text) {
    return protocol::is_product_id(text)
               ? std::string()
               : in_quotes(text) + " is no ProductID: 8 hex digits (ID-2)";
  });
}

CLI::Option* add_node_eui(CLI::App& app, const std::string& name, std::string& target) {
  return add_checked(
      app, name, target, "N", "NodeEui of the device · 设备 NodeEui", [](std::string& text) {
        return protocol::is_node_eui(text)
                   ? std::string()
                   : in_quotes(text) + " is no NodeEui: 4 to 32 letters and digits (ID-3)";
      });
}

CLI::Option* add_device_name(CLI::App& app, std::string& target) {
  return add_device_option(app, "device", target,
                           "the device: ProductID.NodeEui · 设备：ProductID.NodeEui")
      ->required();
}

CLI::Option* add_device_option(CLI::App& app, const std::string& name, std::string& target,
                               const std::string& help) {
  return add_checked(app, name, target, "P.N", help, [](std::string& text) {
    return protocol::parse_device_name(text)
               ? std::string()
               : in_quotes(text) +
                     " is no device; write ProductID.NodeEui, for example "
                     "AA30C505.20MQTTJ000121";
  });
}

CLI::Option* add_product_or_device(CLI::App& app, std::string& target) {
  return add_checked(
      app, "device", target, "P|P.N",
      "of a product or of a device, else of all · 某产品或某设备，默认全部", [](std::string& text) {
        const bool good = protocol::is_product_id(text) || protocol::parse_device_name(text);
        return good ? std::string()
                    : in_quotes(text) +
                          " is no product and no device; write ProductID or "
                          "ProductID.NodeEui, for example AA30C505.20MQTTJ000121";
      });
}

void add_reveal(CLI::App& app, bool& target) {
  app.add_flag("--reveal", target,
               "secrets too, for a token of role admin; it is noted in the audit list · "
               "同时显示密钥（需 admin 角色的令牌），并记入审计");
}

std::string revealing(const std::string& target, bool reveal) {
  return with_query(target, {{"reveal", reveal ? "true" : ""}});
}

void add_secret(CLI::App& app, SecretOption& target, const std::string& name,
                const std::string& help) {
  target.name = name;
  CLI::Option* value =
      add_checked(app, "--" + name, target.value, "HEX", help, [](std::string& text) {
        return protocol::is_product_key(text) ? std::string()
                                              : std::string("must be 32 hex digits");
      });
  CLI::Option* file = app.add_option("--" + name + "-file", target.file,
                                     "the same from a file, - is a line of standard input · "
                                     "从文件读取，- 为标准输入")
                          ->type_name("FILE");
  file->excludes(value);
}

Result<std::string> SecretOption::read(const Environment& env) const {
  if (!value.empty()) return value;
  if (file.empty()) return misused("--" + name + " or --" + name + "-file is required");
  Result<std::string> text;
  if (file == "-") {
    text = first_line(env.in, "standard input");
  } else {
    std::ifstream stream(file);
    if (!stream) {
      return failed("cannot read " + file + ": " + std::system_category().message(errno));
    }
    text = first_line(stream, file);
  }
  if (text && !protocol::is_product_key(*text)) {
    return failed("the first line of " + (file == "-" ? "standard input" : file) + " is no " +
                  name + ": 32 hex digits are expected");
  }
  return text;
}

}  // namespace xgate::cli
