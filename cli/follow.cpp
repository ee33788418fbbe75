// SPDX-License-Identifier: Apache-2.0
#include "cli/follow.hpp"

#include <algorithm>
#include <chrono>
#include <ostream>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/options.hpp"
#include "protocol/json.hpp"

namespace xgate::cli {
namespace {

using std::chrono::milliseconds;

constexpr std::int64_t default_limit = 20;
constexpr milliseconds poll_interval{500};
constexpr std::int64_t follow_page = 500;

class Printer {
 public:
  Printer(const Context& context, const Stream& stream, Api& api)
      : context_(context), stream_(stream), api_(api), table_(stream.columns, WhenNarrow::blocks) {}

  Outcome print_present();
  Outcome follow();

 private:
  bool interrupted(milliseconds time) const { return context_.env.interrupted_within(time); }
  /// Whether there is more to come at once.
  Result<bool> print_new();
  void print(const std::vector<nlohmann::json>& rows);
  void note(const std::string& sentence) const {
    context_.env.err << "xgate: " << sentence << '\n';
  }

  const Context& context_;
  const Stream& stream_;
  Api& api_;
  Table table_;
  std::int64_t after_ = 0;
};

void Printer::print(const std::vector<nlohmann::json>& rows) {
  for (const nlohmann::json& row : rows) {
    const auto sequence = row.find("sequence");
    if (sequence != row.end() && sequence->is_number_integer()) {
      after_ = std::max(after_, sequence->get<std::int64_t>());
    }
    if (context_.global.json) {
      context_.env.out << protocol::compact(row) << '\n';
    } else {
      table_.add(stream_.row(row));
    }
  }
  if (!context_.global.json) table_.print(context_.env);
  context_.env.out.flush();
}

Outcome Printer::print_present() {
  std::vector<nlohmann::json> rows;
  // a follow must know where it begins, also when nothing old is wanted
  const bool only_sequence = stream_.follow && stream_.limit == 0;
  Outcome done = api_.each(stream_.target, stream_.query, only_sequence ? 1 : stream_.limit,
                           [&](nlohmann::json row) { rows.push_back(std::move(row)); });
  if (!done) return done;
  if (only_sequence && !rows.empty()) {
    after_ = rows.front().value("sequence", std::int64_t{0});
    rows.clear();
  }
  if (context_.global.json && !stream_.follow) {
    context_.print(rows);  // as the API has them, newest first
    return {};
  }
  std::reverse(rows.begin(), rows.end());
  // the heading of a follow waits for the first rows, whose widths it shall have
  if (!rows.empty() || !stream_.follow) print(rows);
  return {};
}

Result<bool> Printer::print_new() {
  Query query = stream_.query;
  query.emplace_back("after", std::to_string(after_));
  query.emplace_back("limit", std::to_string(follow_page));
  const Result<nlohmann::json> answer = api_.get(with_query(stream_.target, query));
  if (!answer) return tl::unexpected(answer.error());
  const auto items = answer->find("items");
  if (items == answer->end() || !items->is_array()) {
    return failed("the service's answer holds no list; is it of another version?");
  }
  const std::vector<nlohmann::json> rows(items->begin(), items->end());
  if (!rows.empty()) print(rows);
  const auto cursor = answer->find("next_cursor");
  return !rows.empty() && cursor != answer->end() && cursor->is_string();
}

Outcome Printer::follow() {
  api_.stop_when([this] { return interrupted(milliseconds{0}); });
  bool away = false;
  milliseconds wait{0};
  while (!interrupted(wait) && context_.env.out.good()) {
    const Result<bool> printed = print_new();
    if (!printed && interrupted(milliseconds{0})) break;
    if (!printed && !printed.error().passing) return tl::unexpected(printed.error());
    if (!printed && !away) note(printed.error().sentence + "; waiting for it");
    if (printed && away) note("the service is back");
    away = !printed;
    wait = printed && *printed ? milliseconds{0} : poll_interval;
  }
  return {};
}

}  // namespace

Outcome print_stream(const Context& context, const Stream& stream) {
  Result<Api> api = context.connect();
  if (!api) return tl::unexpected(api.error());
  Printer printer(context, stream, *api);
  Outcome present = printer.print_present();
  if (!present || !stream.follow) return present;
  return printer.follow();
}

void add_stream_options(CLI::App& app, std::int64_t& limit, bool& follow) {
  limit = default_limit;
  add_number(app, "--limit", limit, 0, 1'000'000'000,
             "the newest N, 20 where not given · 最新 N 条");
  app.add_flag("--follow", follow, "then what comes, until Ctrl-C · 持续显示，Ctrl-C 结束");
}

}  // namespace xgate::cli
