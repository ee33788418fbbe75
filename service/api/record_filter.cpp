// SPDX-License-Identifier: Apache-2.0
#include "service/api/record_filter.hpp"

#include <algorithm>
#include <cctype>

#include "service/api/input.hpp"

namespace xgate::api {
namespace {

bool is_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// "FRAME-5"
bool is_requirement(std::string_view text) {
  const auto dash = text.rfind('-');
  return dash != std::string_view::npos && dash > 0 && is_digits(text.substr(dash + 1));
}

/// A level of a topic, as it stands in a regular expression.
std::string literally(std::string_view level) {
  std::string expression;
  for (const char c : level) {
    if (std::ispunct(static_cast<unsigned char>(c)) != 0) expression += '\\';
    expression += c;
  }
  return expression;
}

/// A filter of MQTT as a regular expression of SQL; nothing where it is none. One that does not
/// begin with "/" stands for what is below /sys/O/P/N/.
std::optional<std::string> topic_expression(std::string_view filter) {
  if (filter.empty() || filter.find('*') != std::string_view::npos) return std::nullopt;
  std::string expression = filter.starts_with('/') ? "^" : "^/sys/[^/]*/[^/]*/[^/]*/";
  for (bool last = false; !last;) {
    const auto level = filter.substr(0, filter.find('/'));
    last = level.size() == filter.size();
    if (last && level == "#") {
      expression.pop_back();  // the level above it, too
      return expression + "(/.*)?$";
    }
    if (level != "+" && level.find_first_of("+#") != std::string_view::npos) return std::nullopt;
    expression += level == "+" ? "[^/]*" : literally(level);
    expression += last ? "$" : "/";
    if (!last) filter.remove_prefix(level.size() + 1);
  }
  return expression;
}

}  // namespace

Result<void> read_times(const Request& request, store::RecordFilter& filter) {
  const auto since = time_parameter(request, "since");
  if (!since) return tl::unexpected(since.error());
  const auto until = time_parameter(request, "until");
  if (!until) return tl::unexpected(until.error());
  if (*since && *until && **since >= **until) {
    return tl::unexpected(bad_request("since must be before until"));
  }
  filter.since_ms = *since;
  filter.until_ms = *until;
  return {};
}

Result<void> read_message_filter(const Request& request, store::RecordFilter& filter) {
  if (auto times = read_times(request, filter); !times) return times;
  if (const auto topic = request.query_value("topic")) {
    filter.topic = topic_expression(*topic);
    if (!filter.topic) {
      return tl::unexpected(
          bad_request("topic must be a topic, whole or from below /sys/O/P/N/, or a filter of "
                      "MQTT: + stands for one level, # at the end for all that follow"));
    }
  }
  const auto verdict = request.query_value("verdict");
  if (!verdict) return {};
  if (*verdict == "accepted") {
    filter.judged = store::Judged::accepted;
  } else if (*verdict == "warning") {
    filter.judged = store::Judged::warned;
  } else if (*verdict == "refused") {
    filter.judged = store::Judged::refused;
  } else if (is_digits(*verdict)) {
    filter.code = verdict;
  } else if (is_requirement(*verdict)) {
    filter.requirement = verdict;
  } else {
    return tl::unexpected(
        bad_request("verdict must be accepted, warning, refused, a code such as 4001, or a "
                    "requirement such as FRAME-5"));
  }
  return {};
}

}  // namespace xgate::api
