// SPDX-License-Identifier: Apache-2.0
#include "cli/service_address.hpp"

#include <cerrno>
#include <filesystem>
#include <string>
#include <system_error>
#include <variant>

#include "cli/token_file.hpp"

namespace xgate::cli {
namespace {

namespace fs = std::filesystem;

// A build folder is at most three levels below its checkout: build/dev/bin/xgate.
constexpr int levels_to_checkout = 3;

fs::path default_token_file(const Environment& env) {
  fs::path here = "./var/admin.token";
  std::error_code ignored;
  if (fs::exists(here, ignored)) return here;
  fs::path folder = env.binary_dir;
  for (int level = 0; level < levels_to_checkout && folder.has_relative_path(); ++level) {
    folder = folder.parent_path();
    fs::path there = folder / "var" / "admin.token";
    if (fs::exists(there, ignored)) return there;
  }
  return fs::exists(env.packaged_token_file.parent_path(), ignored) ? env.packaged_token_file
                                                                    : here;
}

/// What to do where the token was looked for and not asked for by name.
std::string advice(const Environment& env, const fs::path& file, int error) {
  if (file != env.packaged_token_file)
    return "; is `./run` up? give --token-file or XGATE_TOKEN_FILE";
  if (error == EACCES) return "; `sudo xgate …` may, else give --token-file or XGATE_TOKEN_FILE";
  return "; the service writes it at its first start, else give --token-file or XGATE_TOKEN_FILE";
}

Result<std::string> read_token(const Environment& env, const fs::path& file, bool asked_for) {
  auto token = read_token_file(file);
  if (token) return std::move(*token);
  if (const auto* sentence = std::get_if<std::string>(&token.error())) return failed(*sentence);
  const int error = std::get<int>(token.error());
  return failed("cannot read the token file " + file.string() + ": " +
                std::system_category().message(error) +
                (asked_for ? "" : advice(env, file, error)));
}

}  // namespace

Result<ServiceAddress> find_service(const Environment& env, const std::string& url_option,
                                    const std::string& token_file_option) {
  const auto first_of = [](const std::string& option, const std::string& variable) {
    return option.empty() ? variable : option;
  };
  ServiceAddress address;
  address.url = first_of(url_option, env.url);
  if (address.url.empty()) address.url = default_url;
  const std::string asked = first_of(token_file_option, env.token_file);
  Result<std::string> token =
      read_token(env, asked.empty() ? default_token_file(env) : fs::path(asked), !asked.empty());
  if (!token) return tl::unexpected(token.error());
  address.token = *token;
  return address;
}

}  // namespace xgate::cli
