// SPDX-License-Identifier: Apache-2.0
#include "service/config/config.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <sstream>
#include <system_error>
#include <type_traits>
#include <utility>

#include <arpa/inet.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <toml++/toml.h>

#include "pg/conninfo.hpp"
#include "protocol/login.hpp"
#include "service/config/authority.hpp"
#include "service/config/settings.hpp"

namespace xgate::config {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t max_file_bytes = std::size_t{1} << 20U;

tl::expected<std::string, std::string> read_file(const fs::path& path) {
  const auto refuse = [&](const std::string& why) {
    return tl::unexpected("cannot read " + path.string() + ": " + why);
  };
  std::error_code error;
  if (fs::is_directory(path, error)) return refuse("it is a folder");
  std::ifstream in(path, std::ios::binary);
  if (!in) return refuse(std::generic_category().message(errno));
  std::string text(std::istreambuf_iterator<char>(in), {});
  if (in.bad()) return refuse(std::generic_category().message(errno));
  if (text.size() > max_file_bytes) return refuse("it is larger than 1 MB");
  return text;
}

bool world_readable(const fs::path& path) {
  struct stat status = {};
  return ::stat(path.c_str(), &status) == 0 && (status.st_mode & S_IROTH) != 0;
}

/// One reading of one file: where it stands, what is wrong with it.
class Reader {
 public:
  Reader(const std::string& path, const Environment& environment, SecretFiles secrets)
      : path_(path),
        folder_(fs::path(path).parent_path()),
        environment_(environment),
        secrets_(secrets) {}

  Settings settings;
  Errors errors;

  void read(const toml::table& root) {
    for (const auto& [name, node] : root) check_section(name, node);
    for (const auto& row : settings_table()) {
      const auto* node = root[row.section][row.key].node();
      if (const auto set = from_environment(row)) {
        take_from_environment(row, *set);
      } else if (node != nullptr) {
        take(row, *node);
      } else {
        check_missing(row);
      }
    }
    check_together(root);
  }

 private:
  void fail(std::uint32_t line, const std::string& sentence) {
    errors.push_back(path_ + ":" + std::to_string(line) + ": " + sentence);
  }
  void fail(const toml::node& node, const Setting& row, const std::string& sentence) {
    if (!variable_.empty()) return errors.push_back(variable_ + " in the environment " + sentence);
    fail(node.source().begin.line, name_of(row) + " " + sentence);
  }
  static std::string name_of(const Setting& row) {
    return "[" + std::string(row.section) + "] " + std::string(row.key);
  }

  void check_section(const toml::key& name, const toml::node& node) {
    const auto rows = settings_table();
    const auto known = [&](const Setting& row) { return row.section == name.str(); };
    const auto line = name.source().begin.line;
    if (std::none_of(rows.begin(), rows.end(), known)) {
      return fail(line, "\"" + std::string(name.str()) + "\" is no section of the settings");
    }
    if (!node.is_table()) {
      return fail(line, "\"" + std::string(name.str()) + "\" must be a section, [" +
                            std::string(name.str()) + "]");
    }
    for (const auto& [key, value] : *node.as_table()) {
      const auto same = [&, &key = key](const Setting& row) {
        return row.section == name.str() && row.key == key.str();
      };
      if (std::any_of(rows.begin(), rows.end(), same)) continue;
      fail(key.source().begin.line,
           "[" + std::string(name.str()) + "] has no key \"" + std::string(key.str()) + "\"");
    }
  }

  std::optional<std::string> from_environment(const Setting& row) const {
    auto text = environment_ ? environment_(environment_name(row)) : std::nullopt;
    return text && !text->empty() ? text : std::nullopt;
  }

  /// By the same checks as a value of the file, which is why it becomes one.
  void take_from_environment(const Setting& row, const std::string& text) {
    variable_ = environment_name(row);
    const auto as_value = [&](const auto* target) {
      if constexpr (std::is_same_v<decltype(target), const std::string*>) {
        take(row, toml::value<std::string>(text));
      } else {
        take_written(row, text);
      }
    };
    std::visit(as_value, row.where(settings));
    variable_.clear();
  }
  /// A number, a list of them, true or false: written as in the file.
  void take_written(const Setting& row, const std::string& text) {
    try {
      const auto parsed = toml::parse("value = " + text);
      if (parsed.size() == 1) return take(row, *parsed["value"].node());
    } catch (const toml::parse_error&) {
      // no TOML at all
    }
    take(row, toml::value<std::string>(text));  // which says what it must be
  }

  void check_missing(const Setting& row) {
    if (row.text != Text::conninfo && row.text != Text::secret_file) {
      resolve_default(row);
      return;
    }
    if (row.text == Text::secret_file && secrets_ == SecretFiles::leave) return;
    errors.push_back(path_ + ": " + name_of(row) + " is missing: " + std::string(row.english));
  }
  void resolve_default(const Setting& row) {
    if (row.text != Text::path && row.text != Text::token_file) return;
    auto& value = *std::get<std::string*>(row.where(settings));
    value = absolute(value);
    if (row.text != Text::token_file || secrets_ == SecretFiles::leave) return;
    if (const auto problem = problem_of_token_file(value); !problem.empty()) {
      errors.push_back(path_ + ": " + name_of(row) + " " + problem);
    }
  }

  void take(const Setting& row, const toml::node& node) {
    std::visit([&](auto* target) { take_value(row, node, *target); }, row.where(settings));
  }

  void take_value(const Setting& row, const toml::node& node, bool& target) {
    if (!node.is_boolean()) return fail(node, row, "must be true or false");
    target = node.as_boolean()->get();
  }

  bool take_number(const Setting& row, const toml::node& node, int& target) {
    const auto range = std::to_string(row.min) + " to " + std::to_string(row.max);
    if (!node.is_integer()) {
      fail(node, row, "must be a whole number, " + range);
      return false;
    }
    const auto number = node.as_integer()->get();
    if (number < row.min || number > row.max) {
      fail(node, row, "is " + std::to_string(number) + ", but must be " + range);
      return false;
    }
    target = static_cast<int>(number);
    return true;
  }
  void take_value(const Setting& row, const toml::node& node, int& target) {
    take_number(row, node, target);
  }
  void take_value(const Setting& row, const toml::node& node, std::vector<int>& target) {
    const auto* list = node.as_array();
    if (list == nullptr || list->empty() || list->size() > 100) {
      return fail(node, row, "must be a list of 1 to 100 whole numbers");
    }
    target.clear();
    for (const auto& element : *list) {
      int number = 0;
      if (!take_number(row, element, number)) return;
      target.push_back(number);
    }
  }

  void take_value(const Setting& row, const toml::node& node, std::vector<std::string>& target) {
    const auto* list = node.as_array();
    if (list == nullptr || list->size() > 100) {
      return fail(node, row, "must be a list of up to 100 texts in quotes");
    }
    target.clear();
    for (const auto& element : *list) {
      std::string text;
      take_value(row, element, text);
      target.push_back(std::move(text));
    }
  }

  void take_value(const Setting& row, const toml::node& node, std::string& target) {
    if (!node.is_string()) return fail(node, row, "must be a text in quotes");
    target = node.as_string()->get();
    if (target.find('\0') != std::string::npos) return fail(node, row, "contains a NUL byte");
    if (!row.choices.empty() &&
        std::find(row.choices.begin(), row.choices.end(), target) == row.choices.end()) {
      std::string list;
      for (const auto choice : row.choices) {
        list += (list.empty() ? "\"" : ", \"") + std::string(choice) + "\"";
      }
      return fail(node, row, "is \"" + target + "\", but must be one of " + list);
    }
    check_text(row, node, target);
  }

  void check_text(const Setting& row, const toml::node& node, std::string& value) {
    switch (row.text) {
      case Text::any:
        return;
      case Text::not_empty:
        if (value.empty()) fail(node, row, "is empty");
        return;
      case Text::conninfo:
        if (value.empty()) return fail(node, row, "is empty");
        return check_conninfo(row, node, value);
      case Text::other_conninfo:
        if (!value.empty()) check_conninfo(row, node, value);
        return;
      case Text::address_or_none:
        if (value.empty()) return;
        [[fallthrough]];
      case Text::address:
        return check_address(row, node, value);
      case Text::zone:
        return check_zone(row, node, value);
      case Text::path:
        if (value.empty()) return fail(node, row, "is empty");
        value = absolute(value);
        return;
      case Text::secret_file:
        return check_secret_file(row, node, value);
      case Text::token_file:
        if (value.empty()) return fail(node, row, "is empty");
        value = absolute(value);
        if (secrets_ == SecretFiles::leave) return;
        if (const auto problem = problem_of_token_file(value); !problem.empty()) {
          fail(node, row, problem);
        }
        return;
      case Text::account:
        if (value.empty()) return fail(node, row, "is empty");
        if (protocol::is_name_of_device(value)) {
          fail(node, row,
               "is \"" + value +
                   "\", a name that a device logs in with or is known by: choose another account");
        }
        return;
      case Text::host:
      case Text::origin:
        return check_name_of_web(row, node, value);
      case Text::base_url:
        return check_base_url(row, node, value);
      case Text::key_file:
      case Text::file:
        return check_file(row, node, value);
    }
  }

  void check_address(const Setting& row, const toml::node& node, const std::string& value) {
    std::array<unsigned char, 16> ignored{};
    if (::inet_pton(AF_INET, value.c_str(), ignored.data()) != 1 &&
        ::inet_pton(AF_INET6, value.c_str(), ignored.data()) != 1) {
      fail(node, row, R"(is no IP address (such as "127.0.0.1", "0.0.0.0" or "::"))");
    }
  }

  void check_name_of_web(const Setting& row, const toml::node& node, const std::string& value) {
    if (row.text == Text::origin) {
      if (canonical_origin(value)) return;
      return fail(
          node, row,
          "has \"" + value + "\", which is no origin (such as \"https://xgate.example.com\")");
    }
    const auto host = parse_authority(value);
    if (host && host->port == 0) return;
    fail(node, row, "has \"" + value + "\", which is no host name (such as \"xgate.example.com\")");
  }

  void check_file(const Setting& row, const toml::node& node, std::string& value) {
    if (value.empty()) return;
    value = absolute(value);
    if (secrets_ == SecretFiles::leave) return;
    if (auto read = read_file(value); !read) return fail(node, row, read.error());
    if (row.text == Text::key_file && world_readable(value)) {
      fail(node, row, "names " + value + ", which everyone may read: chmod 640 it");
    }
  }

  void check_conninfo(const Setting& row, const toml::node& node, const std::string& value) {
    const auto password = pg::has_password(value);
    if (!password) return fail(node, row, password.error());
    if (*password && variable_.empty() && world_readable(path_)) {
      fail(node, row,
           "carries a password, but everyone may read this file: chmod 600 it, or keep the "
           "password in a passfile");
    }
  }

  void check_base_url(const Setting& row, const toml::node& node, std::string& value) {
    if (value.empty()) return;
    while (value.ends_with('/')) value.pop_back();
    const auto host = value.find("://") + 3;
    const bool legal = (value.starts_with("http://") || value.starts_with("https://")) &&
                       host < value.size() && value[host] != '/' &&
                       std::all_of(value.begin(), value.end(), [](unsigned char c) {
                         return c > 0x20 && c < 0x7F && std::strchr("?#\"<>\\^`{|}", c) == nullptr;
                       });
    if (!legal) fail(node, row, R"(is no URL (such as "http://ota.example.com:8081"))");
  }

  void check_zone(const Setting& row, const toml::node& node, const std::string& value) {
    const bool legal = !value.empty() && value.size() <= 64 && value.front() != '/' &&
                       std::all_of(value.begin(), value.end(), [](unsigned char c) {
                         return std::isalnum(c) != 0 || std::strchr("/_+-", c) != nullptr;
                       });
    std::error_code error;
    const fs::path zones = "/usr/share/zoneinfo";
    // Where the system has no zone data (a small image), the name's form must do.
    const bool unknown =
        fs::is_directory(zones, error) && !fs::is_regular_file(zones / value, error);
    if (!legal || unknown) {
      fail(node, row, R"(is no time zone's name (such as "Asia/Shanghai" or "UTC"))");
    }
  }

  void check_secret_file(const Setting& row, const toml::node& node, std::string& value) {
    if (value.empty()) return fail(node, row, "is empty");
    value = absolute(value);
    if (secrets_ == SecretFiles::leave) return;
    auto secret = read_file(value);
    if (!secret) return fail(node, row, secret.error());
    if (world_readable(value)) {
      return fail(node, row, "names " + value + ", which everyone may read: chmod 600 it");
    }
    while (!secret->empty() && (secret->back() == '\n' || secret->back() == '\r')) {
      secret->pop_back();
    }
    if (secret->empty()) return fail(node, row, "names " + value + ", which is empty");
    settings.broker.password = std::move(*secret);
  }

  /// Of the file that is there already, if one is.
  static std::string problem_of_token_file(const std::string& path) {
    std::error_code error;
    if (!fs::exists(path, error)) return {};
    if (world_readable(path)) return "names " + path + ", which everyone may read: chmod 600 it";
    const auto token = read_file(path);
    if (!token) return {};  // somebody else's: the service only ever writes it
    const bool blank = token->find_first_not_of(" \t\r\n") == std::string::npos;
    if (!blank) return {};
    return "names " + path +
           ", in which there is no token: delete it, and where no other token is known revoke "
           "all (UPDATE api_token SET revoked_at = now()) so that a new one is made";
  }

  void check_together(const toml::table& root) {
    const auto* ca_file = root["broker"]["ca_file"].node();
    if (ca_file != nullptr && !settings.broker.ca_file.empty() && !settings.broker.tls) {
      fail(ca_file->source().begin.line, "[broker] ca_file says nothing without tls = true");
    }
    const auto* plugin_role = root["database"]["plugin_role"].node();
    if (plugin_role != nullptr && !settings.database.plugin_role.empty() &&
        settings.database.plugin_role == settings.database.service_role) {
      fail(plugin_role->source().begin.line,
           "[database] plugin_role is service_role too: the plugin reads a few columns, and what "
           "else the service may do would be taken away");
    }
    check_certificate(root, "http", settings.http.tls_certificate, settings.http.tls_key);
    check_certificate(root, "download", settings.download.tls_certificate,
                      settings.download.tls_key);
    const auto& download = settings.download;
    const auto* address = root["download"]["address"].node();
    const bool anywhere = download.address == "0.0.0.0" || download.address == "::";
    if (anywhere && download.public_url.empty()) {
      fail(address == nullptr ? 0 : address->source().begin.line,
           "[download] address is every address of this machine: say in public_url which of them "
           "devices are to be told");
    }
  }

  void check_certificate(const toml::table& root, const std::string& section,
                         const std::string& certificate, const std::string& key) {
    if (certificate.empty() == key.empty()) return;
    const auto* node = root[section][certificate.empty() ? "tls_key" : "tls_certificate"].node();
    fail(node == nullptr ? 0 : node->source().begin.line,
         "[" + section + "] tls_certificate and tls_key belong together: give both, or none");
  }

  std::string absolute(const std::string& path) const {
    return fs::path(path).is_absolute() ? path : (folder_ / path).string();
  }

  std::string path_;
  fs::path folder_;
  const Environment& environment_;
  SecretFiles secrets_;
  std::string variable_;  ///< of the environment that is being read; empty: the file is
};

std::string toml_value(const Target& target) {
  struct Writer {
    std::string operator()(const std::string* text) const {
      std::ostringstream out;
      out << toml::value<std::string>(*text);
      return out.str();
    }
    std::string operator()(const int* number) const { return std::to_string(*number); }
    std::string operator()(const bool* value) const { return *value ? "true" : "false"; }
    std::string operator()(const std::vector<std::string>* list) const {
      std::string text;
      for (const auto& one : *list) text += (text.empty() ? "" : ", ") + (*this)(&one);
      return "[" + text + "]";
    }
    std::string operator()(const std::vector<int>* list) const {
      std::string text;
      for (const int number : *list) text += (text.empty() ? "" : ", ") + std::to_string(number);
      return "[" + text + "]";
    }
  };
  return std::visit(Writer{}, target);
}

}  // namespace

std::optional<std::string> environment_variable(const std::string& name) {
  // Settings are read before there are threads, and nothing changes the environment.
  const char* value = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe)
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

tl::expected<Settings, Errors> parse(const std::string& text, const std::string& path,
                                     const Environment& environment, SecretFiles secrets) {
  Reader reader(path, environment, secrets);
  try {
    const auto root = toml::parse(text, path);
    reader.read(root);
  } catch (const toml::parse_error& error) {
    return tl::unexpected(Errors{path + ":" + std::to_string(error.source().begin.line) + ": " +
                                 std::string(error.description())});
  }
  if (!reader.errors.empty()) return tl::unexpected(std::move(reader.errors));
  return std::move(reader.settings);
}

tl::expected<Settings, Errors> load(const std::string& path, const Environment& environment,
                                    SecretFiles secrets) {
  auto text = read_file(path);
  if (!text) return tl::unexpected(Errors{std::move(text).error()});
  return parse(*text, path, environment, secrets);
}

std::string Settings::Download::base_url() const {
  if (!public_url.empty()) return public_url;
  const bool v6 = address.find(':') != std::string::npos;
  const std::string scheme = tls_certificate.empty() ? "http://" : "https://";
  return scheme + (v6 ? "[" + address + "]" : address) + ":" + std::to_string(port);
}

std::string describe() {
  Settings defaults;
  std::string text =
      "# Settings of `xgate serve`. Relative paths start at this file's folder. Each can be given "
      "in the\n"
      "# environment instead: XGATE_SECTION_KEY, such as XGATE_MESSAGES_RETENTION_DAYS=90.\n"
      "# xgate serve 的配置。相对路径以本文件所在目录为起点。每一项也可由环境变量给出：\n"
      "# XGATE_节_键，例如 XGATE_MESSAGES_RETENTION_DAYS=90。\n";
  std::string_view section;
  for (const auto& row : settings_table()) {
    if (row.section != section) {
      section = row.section;
      text += "\n[" + std::string(section) + "]\n";
    }
    text += "# " + std::string(row.english) + "\n# " + std::string(row.chinese) + "\n";
    if (!row.choices.empty()) {
      text += "#";
      for (const auto choice : row.choices) text += " " + std::string(choice);
      text += "\n";
    } else if (row.max != 0) {
      text += "# " + std::to_string(row.min) + " … " + std::to_string(row.max) + "\n";
    }
    std::string example(row.example);
    const auto shown = example.empty() ? row.where(defaults) : Target(&example);
    text += std::string(row.key) + " = " + toml_value(shown) + "\n";
  }
  return text;
}

nlohmann::json describe_as_json() {
  Settings defaults;
  nlohmann::json keys = nlohmann::json::array();
  for (const auto& row : settings_table()) {
    nlohmann::json key{{"section", row.section},
                       {"key", row.key},
                       {"required", !row.example.empty()},
                       {"description", {{"en", row.english}, {"zh", row.chinese}}}};
    std::visit([&](const auto* value) { key["default"] = *value; }, row.where(defaults));
    if (!row.example.empty()) key["default"] = nullptr;
    if (!row.choices.empty()) key["choices"] = row.choices;
    if (row.choices.empty() && row.max != 0) {
      key["min"] = row.min;
      key["max"] = row.max;
    }
    keys.push_back(std::move(key));
  }
  return keys;
}

}  // namespace xgate::config
