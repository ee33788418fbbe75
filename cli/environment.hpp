// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <iosfwd>
#include <string>

#include "cli/output.hpp"
#include "texts/texts.hpp"

namespace xgate::cli {

/// What a command sees of the world around it. main() gives the real one, tests their own.
struct Environment {
  std::istream& in;
  Output out;
  Output err;
  bool out_is_terminal = false;
  bool err_is_terminal = false;
  std::size_t columns = 0;  ///< the terminal's width, which tables keep to; 0: no limit
  bool colours = false;     ///< a terminal, and NO_COLOR is not set
  texts::Language language = texts::Language::en;  ///< of the locale, or as --lang says
  std::string url{};                               ///< XGATE_URL, or empty
  std::string token_file{};                        ///< XGATE_TOKEN_FILE, or empty
  std::string ca_file{};                           ///< XGATE_CA_FILE, or empty
  std::filesystem::path binary_dir{};              ///< where this program's file stands
  /// Of the service that the Debian package brings.
  std::filesystem::path packaged_token_file = "/var/lib/xgate/admin.token";
  /// Waits, and says whether Ctrl-C came meanwhile. From its first call on Ctrl-C no longer kills.
  std::function<bool(std::chrono::milliseconds)> interrupted_within{};
};

}  // namespace xgate::cli
