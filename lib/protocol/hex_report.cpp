// SPDX-License-Identifier: Apache-2.0
#include "protocol/hex_report.hpp"

#include "protocol/device_time.hpp"
#include "protocol/json.hpp"
#include "protocol/topic.hpp"

namespace xgate::protocol {
namespace {

using nlohmann::json;

bool strip(std::string_view& text, std::string_view head, std::string_view tail) {
  if (text.size() <= head.size() + tail.size() || !text.starts_with(head) || !text.ends_with(tail))
    return false;
  text = text.substr(head.size(), text.size() - head.size() - tail.size());
  return true;
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
    return is_identifier(name) ? std::optional(HexMethod{HexKind::event, name}) : std::nullopt;
  }
  if (!strip(name, "thing.service.", "")) return std::nullopt;
  if (name.size() > 6 && name.ends_with("_reply")) name.remove_suffix(6);
  if (name == "property.get") return HexMethod{HexKind::properties, {}};
  if (name == "property.set") return HexMethod{HexKind::result, {}};
  return is_identifier(name) ? std::optional(HexMethod{HexKind::result, name}) : std::nullopt;
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
  const auto number = time == nullptr ? std::nullopt : whole_number(*time);
  if (inner == nullptr || !number) return TimedValue{&value, {}};
  const auto time_ms = check_device_time(*number, received_at_ms);
  if (!time_ms) return tl::unexpected(std::string(time_ms.error()));
  return TimedValue{inner, *time_ms};
}

}  // namespace xgate::protocol
