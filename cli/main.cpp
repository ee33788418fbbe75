// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <iostream>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/failure.hpp"
#include "cli/interrupt.hpp"
#include "cli/program.hpp"
#include "service/app/script_worker.hpp"

namespace {

std::string variable(const char* name) {
  // Nothing changes the environment, and no thread runs yet.
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
  return value == nullptr ? std::string() : std::string(value);
}

/// 0 where it is no terminal, or one that does not say.
std::size_t columns_of(int descriptor) {
  winsize size{};
  return ::ioctl(descriptor, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

xgate::cli::Environment real_environment() {
  xgate::cli::Environment env{.in = std::cin, .out = std::cout, .err = std::cerr};
  env.out_is_terminal = isatty(STDOUT_FILENO) == 1;
  env.err_is_terminal = isatty(STDERR_FILENO) == 1;
  env.columns = columns_of(STDOUT_FILENO);
  env.colours = env.out_is_terminal && variable("NO_COLOR").empty() && variable("TERM") != "dumb";
  env.language = xgate::texts::language_of_locale(variable("LC_ALL"), variable("LC_MESSAGES"),
                                                  variable("LANG"));
  env.url = variable("XGATE_URL");
  env.token_file = variable("XGATE_TOKEN_FILE");
  env.ca_file = variable("XGATE_CA_FILE");
  std::error_code unknown;
  env.binary_dir = std::filesystem::read_symlink("/proc/self/exe", unknown).parent_path();
  env.interrupted_within = &xgate::cli::interrupted_within;
  return env;
}

}  // namespace

int main(int argc, char** argv) {
  const std::span<char* const> words(argv, static_cast<std::size_t>(argc));
  if (words.size() > 1 && std::string_view(words[1]) == xgate::app::script_worker_word) {
    return xgate::app::script_worker(words.subspan(2));
  }
  std::ios::sync_with_stdio(false);
  try {
    return xgate::cli::run(std::vector<std::string>(argv + 1, argv + argc), real_environment());
  } catch (const std::exception& error) {
    xgate::cli::Output(std::cerr) << "xgate: " << error.what() << '\n';
    return xgate::cli::status_failed;
  }
}
