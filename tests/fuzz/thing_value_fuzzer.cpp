// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "protocol/history_report.hpp"
#include "protocol/json.hpp"
#include "protocol/report_rules.hpp"
#include "require.hpp"

using namespace xgate::protocol;

namespace {

constexpr std::string_view tsl = R"({"properties":[
 {"identifier":"i","accessMode":"rw","dataType":{"type":"int","specs":{"min":"-5","max":"100"}}},
 {"identifier":"f","accessMode":"rw","dataType":{"type":"float","specs":{"min":"-1.5","max":"1e30"}}},
 {"identifier":"d","accessMode":"rw","dataType":{"type":"double","specs":{}}},
 {"identifier":"b","accessMode":"rw","dataType":{"type":"bool","specs":{"0":"off","1":"on"}}},
 {"identifier":"e","accessMode":"rw","dataType":{"type":"enum","specs":{"-1":"x","0":"1","7":"seven"}}},
 {"identifier":"t","accessMode":"rw","dataType":{"type":"text","specs":{"length":"8"}}},
 {"identifier":"w","accessMode":"rw","dataType":{"type":"date","specs":{}}},
 {"identifier":"s","accessMode":"rw","dataType":{"type":"struct","specs":[
   {"identifier":"i","dataType":{"type":"int","specs":{}}},
   {"identifier":"a","dataType":{"type":"array","specs":{"size":"3","item":{"type":"date"}}}}]}},
 {"identifier":"a","accessMode":"rw","dataType":{"type":"array","specs":{"size":"4","item":{"type":"float"}}}}],
 "events":[{"identifier":"v","type":"error","outputData":[
   {"identifier":"b","dataType":{"type":"bool"}}]}]})";

/// What is stored fits the model it was fitted by, and nothing is left to coerce.
void fit_again(const ThingModel& model, std::string_view identifier, const FittedValue& fitted) {
  const auto again = model.fit_property(identifier, fitted.value);
  REQUIRE(again && again->value == fitted.value && again->notes.empty());
  const auto stored = parse_json(compact(fitted.value), {.max_bytes = 1 << 20, .max_depth = 40});
  REQUIRE(stored.has_value());
}

}  // namespace

/// What a device reports by a model: properties, an event, or history.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const ThingModel model = ThingModel::compile(*parse_json(tsl)).value();
  const auto payload = parse_json({reinterpret_cast<const char*>(data), size});
  if (!payload) return 0;
  for (const bool keep : {false, true}) {
    const ReportRules rules{.model = &model, .keep = keep};
    static_cast<void>(take_event(rules, "v", *payload));
    if (payload->is_object()) {
      for (const auto& [identifier, value] : payload->items()) {
        const auto taken = take_property(rules, identifier, value);
        if (!taken) REQUIRE(!taken.error().empty() && taken.error().size() < 500);
        if (taken && !keep) fit_again(model, identifier, *taken);
      }
    }
    const auto history = parse_history(*payload, 1'700'000'000'000);
    if (!history) {
      REQUIRE(!history.error().empty());
      continue;
    }
    for (const auto& item : *history) {
      if (item.is_event) {
        static_cast<void>(take_event(rules, item.identifier, *item.value));
      } else {
        static_cast<void>(take_property(rules, item.identifier, *item.value));
      }
    }
  }
  return 0;
}
