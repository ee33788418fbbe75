// SPDX-License-Identifier: Apache-2.0
#include "plugin/open_secrets.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string_view>
#include <system_error>
#include <vector>

#include <sys/stat.h>
#include <unistd.h>

namespace xgate::plugin {
namespace {

namespace fs = std::filesystem;

bool open_to_everybody(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && (status.st_mode & S_IROTH) != 0;
}

/// "key value", as the broker splits a line; nothing of a comment or an empty one.
struct Line {
  std::string_view key;
  std::string_view value;
};
std::optional<Line> split(std::string_view line) {
  constexpr std::string_view blank = " \t\r";
  const auto begin = line.find_first_not_of(blank);
  if (begin == std::string_view::npos || line[begin] == '#') return std::nullopt;
  line = line.substr(begin, line.find_last_not_of(blank) + 1 - begin);
  const auto gap = line.find_first_of(blank);
  if (gap == std::string_view::npos) return Line{line, {}};
  const auto value = line.find_first_not_of(blank, gap);
  return Line{line.substr(0, gap), line.substr(value)};
}

std::vector<std::string> included(std::string_view folder) {
  std::vector<std::string> files;
  std::error_code error;
  for (fs::directory_iterator entry(fs::path(folder), error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().extension() == ".conf") files.push_back(entry->path().string());
  }
  std::ranges::sort(files);
  return files;
}

tl::expected<void, std::string> check(const std::string& configuration, bool database_has_password,
                                      bool is_included) {
  std::ifstream file(configuration);
  for (std::string text; std::getline(file, text);) {
    const auto line = split(text);
    if (!line) continue;
    const std::string value(line->value);
    if (line->key == "keyfile" && open_to_everybody(value)) {
      return tl::make_unexpected("the TLS key " + value +
                                 " is open to everybody: chmod 600 it (or 640, for the broker's "
                                 "group)");
    }
    // The broker reads it later, as the same user, and says only that it is unable to.
    if (line->key == "keyfile" && ::access(value.c_str(), R_OK) != 0 && errno == EACCES) {
      return tl::make_unexpected("the TLS key " + value +
                                 " cannot be read by the broker's user: chgrp it to mosquitto, and "
                                 "chmod 640 it");
    }
    if (line->key == "plugin_opt_database" && database_has_password &&
        open_to_everybody(configuration)) {
      return tl::make_unexpected("plugin_opt_database carries a password, and " + configuration +
                                 " is open to everybody: chmod 600 it, or keep the password in a "
                                 "passfile");
    }
    if (line->key != "include_dir" || is_included) continue;
    for (const auto& one : included(value)) {
      if (auto checked = check(one, database_has_password, true); !checked) return checked;
    }
  }
  return {};
}

}  // namespace

std::string configuration_of_this_broker() {
  std::ifstream file("/proc/self/cmdline", std::ios::binary);
  const std::string words(std::istreambuf_iterator<char>(file), {});
  bool next = false;
  for (std::size_t at = 0; at < words.size();) {
    std::string word(words.c_str() + at);
    if (next) return word;
    next = word == "-c" || word == "--config-file";
    at += word.size() + 1;
  }
  return {};
}

tl::expected<void, std::string> check_secrets_are_closed(const std::string& configuration,
                                                         bool database_has_password) {
  if (configuration.empty()) return {};
  return check(configuration, database_has_password, false);
}

}  // namespace xgate::plugin
