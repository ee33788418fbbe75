// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "cli/environment.hpp"
#include "cli/failure.hpp"
#include "cli/json.hpp"

namespace CLI {  // NOLINT(readability-identifier-naming): not ours
class App;
}

namespace xgate::cli {

class Api;

/// What stands before and after every command.
struct GlobalOptions {
  std::string url;
  std::string token_file;
  std::string ca_file;
  std::string language;  ///< "en", "zh", or empty: the locale's
  bool json = false;
  bool wide = false;
};

/// What a command's handler works with.
struct Context {
  const Environment& env;
  const GlobalOptions& global;

  /// The service's API, at the address and with the token that options and environment give.
  Result<Api> connect() const;
  /// For --json: readable on a terminal, one line elsewhere.
  void print(const Json& value) const;
  /// For people: a line of it, in their language.
  void say(std::string_view sentence) const;
};

using Handler = std::function<Outcome(const Context&)>;

enum class Needs : std::uint8_t {
  nothing,  ///< works offline: --json
  service,  ///< talks to the API: --url, --token-file, --json
  own,      ///< runs the service itself: none of them
};

/// One row of the table of commands.
struct Command {
  std::string_view path;     ///< "device add"
  std::string_view summary;  ///< "English · 中文"
  Needs needs;
  Handler (*declare)(CLI::App& app);  ///< adds its options to `app`; they live in the handler
  std::string_view examples;          ///< one a line, without "xgate"
};

/// A first word that only gathers commands: "device".
struct Group {
  std::string_view name;
  std::string_view summary;
};

std::span<const Command> commands() noexcept;
std::span<const Group> groups() noexcept;

}  // namespace xgate::cli
