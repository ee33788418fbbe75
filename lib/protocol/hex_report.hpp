// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>
#include <tl/expected.hpp>

// What a parsing script makes of a device's bytes (HEX-1, HEX-3, HEX-4): an object in the
// convention of Alibaba Cloud, {method, id, params, version}, or a reply, {id, code, data}.
namespace xgate::protocol {

enum class HexKind : std::uint8_t {
  properties,  ///< thing.event.property.post (18), and the reply to thing.service.property.get
  event,       ///< thing.event.{identifier}.post (19)
  result,      ///< the reply to a call or a set (26)
};

struct HexReport {
  HexKind kind = HexKind::properties;
  std::string identifier;  ///< of the event or the service; empty where none is named
  const nlohmann::json* values = nullptr;  ///< params, or a reply's data; null: it has none
};

/// What a method's name says; nothing for one that is not of the convention.
struct HexMethod {
  HexKind kind = HexKind::properties;
  std::string_view identifier;
};
std::optional<HexMethod> parse_hex_method(std::string_view method) noexcept;

/// The object, which must say the same as the HeaderCtrl that its bytes came with; 28 leaves it to
/// the method. `values` points into `object`. The error is one sentence.
tl::expected<HexReport, std::string> read_hex_report(const nlohmann::json& object, int header_ctrl);

/// A value with the device's time, {"value": …, "time": ms}, or the value alone.
struct TimedValue {
  const nlohmann::json* value = nullptr;
  std::optional<std::int64_t> time_ms;
};
tl::expected<TimedValue, std::string> read_timed_value(const nlohmann::json& value,
                                                       std::int64_t received_at_ms);

}  // namespace xgate::protocol
