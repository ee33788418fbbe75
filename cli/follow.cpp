// SPDX-License-Identifier: Apache-2.0
#include "cli/follow.hpp"

#include <algorithm>
#include <chrono>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "cli/display.hpp"
#include "cli/options.hpp"
#include "protocol/json_text.hpp"
#include "texts/texts.hpp"

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

  /// What is there; of a follow that has to wait for it, nothing yet.
  Outcome begin();
  Outcome follow();

 private:
  Outcome print_present();
  Outcome take_position(const std::string& target, Query query);
  bool interrupted(milliseconds time) const { return context_.env.interrupted_within(time); }
  /// Whether there is more to come at once.
  Result<bool> print_new();
  /// True: what comes next is not kept any more, and what is kept follows.
  bool skipped_what_is_gone(const Failure& failure);
  void print(const std::vector<Json>& rows);
  void note(const std::string& sentence) const {
    context_.env.err << "xgate: " << texts::in(context_.env.language, sentence) << '\n';
  }

  const Context& context_;
  const Stream& stream_;
  Api& api_;
  Table table_;
  std::string position_;
};

void Printer::print(const std::vector<Json>& rows) {
  for (const Json& row : rows) {
    if (context_.global.json) {
      context_.env.out.json(protocol::compact(row));
      context_.env.out << '\n';
    } else {
      table_.add(stream_.row(row));
    }
  }
  if (!context_.global.json) table_.print(context_.env);
  context_.env.out.flush();
}

Outcome Printer::take_position(const std::string& target, Query query) {
  query.emplace_back("limit", "1");
  const Result<Json> answer = api_.get(with_query(target, query));
  if (!answer) return tl::unexpected(answer.error());
  position_ = member_text(*answer, "position");
  return {};
}

/// Waiting begins before it is looked a second time: nothing that comes in between is missed.
Outcome Printer::begin() {
  Outcome present = print_present();
  const bool may_wait = stream_.follow && !stream_.whole.empty();
  if (present || !present.error().absent || !may_wait) return present;
  if (Outcome taken = take_position(stream_.whole, {}); !taken) return taken;
  const std::string waiting_from = position_;
  present = print_present();
  if (present || !present.error().absent) return present;
  position_ = waiting_from;
  note(present.error().sentence + "; waiting for it");
  return {};
}

Outcome Printer::print_present() {
  position_.clear();
  // a follow must know where it begins, also when nothing old is wanted
  if (stream_.follow && stream_.limit == 0) return take_position(stream_.target, stream_.query);
  std::vector<Json> rows;
  const bool of_a_time = std::ranges::any_of(stream_.query, [](const auto& parameter) {
    return parameter.first == "since" && !parameter.second.empty();
  });
  const auto limit = static_cast<std::size_t>(stream_.limit);
  Outcome done = api_.each(
      stream_.target, stream_.query, stream_.limit + (of_a_time ? 1 : 0),
      [&](Json row) { rows.push_back(std::move(row)); }, &position_);
  if (!done) return done;
  if (rows.size() > limit) {
    rows.resize(limit);
    note("these are the newest " + std::to_string(limit) + " of that time; --limit shows more");
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
  query.emplace_back("after", position_);
  query.emplace_back("limit", std::to_string(follow_page));
  const Result<Json> answer = api_.get(with_query(stream_.target, query));
  if (!answer) return tl::unexpected(answer.error());
  const auto items = answer->find("items");
  if (items == answer->end() || !items->is_array()) {
    return failed("the service's answer holds no list; is it of another version?");
  }
  const std::vector<Json> rows(items->begin(), items->end());
  if (!rows.empty()) print(rows);
  position_ = member_text(*answer, "position");
  const auto cursor = answer->find("next_cursor");
  return cursor != answer->end() && cursor->is_string();
}

bool Printer::skipped_what_is_gone(const Failure& failure) {
  if (failure.earliest.empty() || failure.earliest == position_) return false;
  note("some of what came meanwhile is not kept any more; what is kept follows");
  position_ = failure.earliest;
  return true;
}

Outcome Printer::follow() {
  api_.stop_when([this] { return interrupted(milliseconds{0}); });
  bool away = false;
  milliseconds wait{0};
  while (!interrupted(wait) && context_.env.out.good()) {
    const Result<bool> printed = print_new();
    if (!printed && interrupted(milliseconds{0})) break;
    if (!printed && skipped_what_is_gone(printed.error())) continue;
    if (!printed && !printed.error().passing) return tl::unexpected(printed.error());
    if (!printed && !away) note(printed.error().sentence + "; waiting for it");
    if (printed && away) note("the service is back");
    away = !printed;
    wait = printed && *printed ? milliseconds{0} : poll_interval;
    if (!printed) wait = std::max<milliseconds>(wait, printed.error().retry_after);
  }
  return {};
}

}  // namespace

Outcome print_stream(const Context& context, const Stream& stream) {
  Result<Api> api = context.connect();
  if (!api) return tl::unexpected(api.error());
  Printer printer(context, stream, *api);
  Outcome present = printer.begin();
  if (!present || !stream.follow) return present;
  return printer.follow();
}

void add_stream_options(CLI::App& app, StreamOptions& options) {
  options.limit = default_limit;
  add_time(app, "--since", options.since,
           "from this time on, or so long ago · 起始时间，或多久以前");
  CLI::Option* until = add_time(app, "--until", options.until, "before this time · 截止时间");
  add_number(app, "--limit", options.limit, 0, 1'000'000'000,
             "the newest N, 20 where not given · 最新 N 条，默认 20");
  app.add_flag("--follow", options.follow, "then what comes, until Ctrl-C · 持续显示，Ctrl-C 结束")
      ->excludes(until);
}

}  // namespace xgate::cli
