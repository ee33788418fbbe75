// SPDX-License-Identifier: Apache-2.0
#include "protocol/history_report.hpp"

#include <utility>

#include "protocol/explain_json.hpp"
#include "protocol/json.hpp"
#include "protocol/thing_model_fit.hpp"

namespace xgate::protocol {
namespace {

using nlohmann::json;

/// A date is a text of digits in TSL, and so is a time that firmware writes by its rules.
std::optional<std::int64_t> digits_or_number(const json& time) {
  if (!time.is_string()) return whole_number(time);
  const auto& text = time.get_ref<const std::string&>();
  return is_decimal(text) ? whole_number_in(text) : std::nullopt;
}

class Reader {
 public:
  explicit Reader(std::int64_t received_at_ms) : received_at_ms_(received_at_ms) {}

  std::vector<HistoryItem> items;
  std::string error;

  bool entries(const json& payload) {
    const auto params = payload.is_object() ? payload.find("params") : payload.end();
    if (params == payload.end() || !params->is_array()) {
      return fail(R"(Payload must be {"params": […]})");
    }
    for (std::size_t i = 0; i < params->size(); ++i) {
      const json& entry = (*params)[i];
      const std::string place = "params[" + std::to_string(i) + "]";
      if (!entry.is_object()) return fail(place + " must be an object");
      if (!entry.empty() && !entry.contains("properties") && !entry.contains("events")) {
        return fail(place + " has neither properties nor events" + hint(entry));
      }
      if (!list(entry, place, "properties", false) || !list(entry, place, "events", true)) {
        return false;
      }
    }
    return true;
  }

 private:
  bool fail(std::string sentence) {
    error = std::move(sentence);
    return false;
  }

  /// Where a name was written otherwise: which one.
  static std::string hint(const json& entry) {
    constexpr std::string_view missing = " is missing";
    for (const std::string_view name : {"properties", "events"}) {
      std::string said = missing_member(entry, name).substr(name.size() + missing.size());
      if (!said.empty()) return said;
    }
    return {};
  }

  bool list(const json& entry, const std::string& place, const char* name, bool is_event) {
    const auto found = entry.find(name);
    if (found == entry.end() || found->is_null()) return true;
    if (!found->is_array()) return fail(place + '.' + name + " must be an array");
    for (std::size_t i = 0; i < found->size(); ++i) {
      const json& group = (*found)[i];
      if (!group.is_object()) {
        return fail(place + '.' + name + '[' + std::to_string(i) + "] must be an object");
      }
      // The names stay where they are as long as the payload does.
      for (const auto& [identifier, item] : group.get_ref<const json::object_t&>()) {
        items.push_back(read(identifier, item, is_event));
      }
    }
    return true;
  }

  HistoryItem read(std::string_view identifier, const json& item, bool is_event) const {
    HistoryItem read{is_event, identifier, &item, received_at_ms_, {}};
    const auto bad = [&](std::string_view why) {
      read.problem = (quoted_name(identifier) + ' ').append(why);
      return read;
    };
    if (!item.is_object()) return bad(R"(must be {"value", "time"})");
    const auto value = item.find("value");
    const auto time = item.find("time");
    if (value == item.end()) return bad(R"(has no "value")");
    if (time == item.end()) return bad(R"(has no "time")");
    const auto number = digits_or_number(*time);
    if (!number) return bad("has a time that is not a whole number of milliseconds");
    const auto time_ms = check_device_time(*number, received_at_ms_);
    if (!time_ms) return bad(time_ms.error());
    read.value = &*value;
    read.time_ms = *time_ms;
    return read;
  }

  std::int64_t received_at_ms_;
};

}  // namespace

tl::expected<std::vector<HistoryItem>, std::string> parse_history(const json& payload,
                                                                  std::int64_t received_at_ms) {
  Reader reader(received_at_ms);
  if (!reader.entries(payload)) return tl::unexpected(std::move(reader.error));
  return std::move(reader.items);
}

}  // namespace xgate::protocol
