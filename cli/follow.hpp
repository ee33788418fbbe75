// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "cli/api.hpp"
#include "cli/command.hpp"
#include "cli/json.hpp"
#include "cli/table.hpp"

namespace xgate::cli {

/// A list that comes newest first and has a `position` to follow from: messages, refusals.
struct Stream {
  std::string target;
  /// A list that is there before `target` may be, which then has what comes meanwhile: a follow
  /// waits for `target`. Empty: it must be there.
  std::string whole = {};
  Query query;
  std::int64_t limit = 0;  ///< how many that are there already
  bool follow = false;     ///< then those that come, until Ctrl-C
  std::vector<Column> columns;
  std::function<std::vector<Cell>(const Json&)> row;
};

/// Prints oldest first, so that the newest stands last and what follows comes below it; only the
/// array that --json prints without --follow keeps the API's order, newest first. A follow outlives
/// a service that is away for a while, and says so.
Outcome print_stream(const Context& context, const Stream& stream);

struct StreamOptions {
  std::string since;
  std::string until;
  std::int64_t limit = 0;
  bool follow = false;
};
/// --since, --until, --limit and --follow.
void add_stream_options(CLI::App& app, StreamOptions& options);

}  // namespace xgate::cli
