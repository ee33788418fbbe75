// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace CLI {  // NOLINT(readability-identifier-naming): not ours
class App;
class ParseError;
}  // namespace CLI

namespace xgate::cli {

/// What is wrong with the words that CLI11 refused, in one sentence and in the option's own words,
/// with the word that was probably meant. `app` is the command or group that was reached.
std::string misuse_sentence(const CLI::App& app, const CLI::ParseError& error);

/// Where to read on: "see: xgate device add --help".
std::string where_help_is(const CLI::App& app);

}  // namespace xgate::cli
