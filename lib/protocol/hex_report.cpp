// SPDX-License-Identifier: Apache-2.0
#include "protocol/hex_report.hpp"

#include <algorithm>

#include "protocol/history_report.hpp"
#include "protocol/json.hpp"

namespace xgate::protocol {
namespace {

using nlohmann::json;

bool strip(std::string_view& text, std::string_view head, std::string_view tail) {
  if (text.size() <= head.size() + tail.size() || !text.starts_with(head) || !text.ends_with(tail))
    return false;
  text = text.substr(head.size(), text.size() - head.size() - tail.size());
  return true;
}

/// As events and services are named in a topic, and those of a module in a thing model: "lamp:on".
bool is_path_of_identifiers(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char one) {
    return (one >= '0' && one <= '9') || (one >= 'A' && one <= 'Z') || (one >= 'a' && one <= 'z') ||
           one == '_' || one == '-' || one == ':';
  });
}

std::string_view words_of(HexKind kind) {
  switch (kind) {
    case HexKind::properties:
      return "properties";
    case HexKind::event:
      return "an event";
    case HexKind::result:
      return "the reply to a call";
  }
  return {};
}

std::optional<HexKind> kind_of(int header_ctrl) {
  switch (header_ctrl) {
    case 18:
      return HexKind::properties;
    case 19:
      return HexKind::event;
    case 26:
      return HexKind::result;
    default:
      return std::nullopt;  // 28: the method alone tells
  }
}

}  // namespace

std::optional<HexMethod> parse_hex_method(std::string_view method) noexcept {
  std::string_view name = method;
  if (strip(name, "thing.event.", ".post")) {
    if (name == "property") return HexMethod{HexKind::properties, {}};
    return is_path_of_identifiers(name) ? std::optional(HexMethod{HexKind::event, name})
                                        : std::nullopt;
  }
  if (!strip(name, "thing.service.", "")) return std::nullopt;
  if (name.size() > 6 && name.ends_with("_reply")) name.remove_suffix(6);
  if (name == "property.get") return HexMethod{HexKind::properties, {}};
  if (name == "property.set") return HexMethod{HexKind::result, {}};
  return is_path_of_identifiers(name) ? std::optional(HexMethod{HexKind::result, name})
                                      : std::nullopt;
}

tl::expected<HexReport, std::string> read_hex_report(const json& object, int header_ctrl) {
  if (!object.is_object()) {
    return tl::unexpected(std::string("what the parsing script gave is no object"));
  }
  const json* method = present_member(object, "method");
  HexReport report;
  if (method == nullptr && (present_member(object, "code") != nullptr)) {
    report.kind = HexKind::result;  // the convention's replies name no method
  } else {
    const auto read = method != nullptr && method->is_string()
                          ? parse_hex_method(method->get_ref<const std::string&>())
                          : std::nullopt;
    if (!read) {
      return tl::unexpected(
          std::string(R"(what the parsing script gave has no method "thing.event.property.post", )"
                      R"("thing.event.{identifier}.post" or "thing.service.{identifier}")"));
    }
    report.kind = read->kind;
    report.identifier = read->identifier;
  }
  if (const auto said = kind_of(header_ctrl); said && *said != report.kind) {
    return tl::unexpected("HeaderCtrl " + std::to_string(header_ctrl) + " says " +
                          std::string(words_of(*said)) + ", but the parsing script gave " +
                          std::string(words_of(report.kind)));
  }
  report.values = present_member(object, "params");
  if (report.values == nullptr) report.values = present_member(object, "data");
  if (report.kind != HexKind::result && (report.values == nullptr || !report.values->is_object())) {
    return tl::unexpected(std::string("what the parsing script gave has no object params"));
  }
  return report;
}

tl::expected<TimedValue, std::string> read_timed_value(const json& value,
                                                       std::int64_t received_at_ms) {
  if (!value.is_object() || value.size() != 2) return TimedValue{&value, {}};
  const json* inner = present_member(value, "value");
  const json* time = present_member(value, "time");
  if (inner == nullptr || time == nullptr || !time->is_number_integer()) {
    return TimedValue{&value, {}};
  }
  const bool huge = time->is_number_unsigned() && time->get<std::uint64_t>() > INT64_MAX;
  const std::int64_t time_ms = huge ? INT64_MAX : time->get<std::int64_t>();
  if (time_ms < earliest_device_time_ms) {
    return tl::unexpected(std::string("has a time before 2000 (milliseconds are expected)"));
  }
  if (time_ms > received_at_ms + device_clock_ahead_ms) {
    return tl::unexpected(std::string("has a time more than a day ahead"));
  }
  return TimedValue{inner, time_ms};
}

}  // namespace xgate::protocol
