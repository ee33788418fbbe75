// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "cli/environment.hpp"
#include "cli/failure.hpp"

namespace CLI {  // NOLINT(readability-identifier-naming): not ours
class App;
class Option;
}  // namespace CLI

// The kinds of option that commands share. A value that is not of its kind is a misuse (status 2)
// and the sentence says what is allowed; a secret is never repeated in it.
namespace xgate::cli {

/// A text, shown as `value_name` in the help; empty is refused.
CLI::Option* add_text(CLI::App& app, const std::string& name, std::string& target,
                      const std::string& value_name, const std::string& help);
CLI::Option* add_choice(CLI::App& app, const std::string& name, std::string& target,
                        std::initializer_list<const char*> choices, const std::string& help);
/// "on" or "off"; unset stays nothing.
CLI::Option* add_on_off(CLI::App& app, const std::string& name, std::optional<bool>& target,
                        const std::string& help);
CLI::Option* add_number(CLI::App& app, const std::string& name, std::int64_t& target,
                        std::int64_t least, std::int64_t most, const std::string& help);
/// A number, or "none" for no limit; the text as it stands.
CLI::Option* add_number_or_none(CLI::App& app, const std::string& name, std::string& target,
                                std::int64_t least, std::int64_t most, const std::string& help);
/// "48h" into seconds.
CLI::Option* add_duration(CLI::App& app, const std::string& name,
                          std::optional<std::int64_t>& target, const std::string& help);

/// A time as tables print it (this machine's zone), with a zone of its own, or how long ago, "2h";
/// `target` is as the service reads it, RFC 3339.
CLI::Option* add_time(CLI::App& app, const std::string& name, std::string& target,
                      const std::string& help);

/// The same of something to come: in how long, "30d", or a date, which is the end of that day.
CLI::Option* add_future_time(CLI::App& app, const std::string& name, std::string& target,
                             const std::string& help);

CLI::Option* add_open_id(CLI::App& app, const std::string& name, std::string& target);
CLI::Option* add_product_id(CLI::App& app, const std::string& name, std::string& target);
CLI::Option* add_node_eui(CLI::App& app, const std::string& name, std::string& target);
/// The positional P.N.
CLI::Option* add_device_name(CLI::App& app, std::string& target);
CLI::Option* add_device_option(CLI::App& app, const std::string& name, std::string& target,
                               const std::string& help);
/// The positional P or P.N, which need not be there.
CLI::Option* add_product_or_device(CLI::App& app, std::string& target);

/// --reveal: secrets too.
void add_reveal(CLI::App& app, bool& target);
/// "reveal=true", where it is asked for.
std::string revealing(const std::string& target, bool reveal);

/// A secret of 32 hex digits: --NAME VALUE for the desk, --NAME-file FILE (or - for a line of
/// standard input) where others can see the list of processes.
struct SecretOption {
  std::string name;  ///< "product-key"
  std::string value;
  std::string file;

  bool given() const noexcept { return !value.empty() || !file.empty(); }
  /// Reads the file where there is one. Not given: a misuse that says how to.
  Result<std::string> read(const Environment& env) const;
};
void add_secret(CLI::App& app, SecretOption& target, const std::string& name,
                const std::string& help);

}  // namespace xgate::cli
