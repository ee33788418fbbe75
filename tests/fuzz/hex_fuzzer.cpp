// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "protocol/json.hpp"
#include "require.hpp"
#include "service/flows/hex.hpp"

using namespace xgate;

namespace {

constexpr std::string_view model = R"({"properties":[
  {"identifier":"a","name":"A","accessMode":"rw","dataType":{"type":"int","specs":{"min":"0","max":"9"}}},
  {"identifier":"t","name":"T","accessMode":"r","dataType":{"type":"text","specs":{"length":"8"}}}],
  "events":[{"identifier":"e","type":"alert","outputData":
    [{"identifier":"c","dataType":{"type":"int","specs":{}}}]}],"services":[]})";

store::State state_with_model() {
  store::State state;
  const auto document = protocol::parse_json(model);
  auto compiled = protocol::ThingModel::compile(*document);
  REQUIRE(compiled);
  state.models["AA30C505"] = std::make_shared<const protocol::ThingModel>(std::move(*compiled));
  return state;
}

}  // namespace

/// What a script made of a device's bytes: the first byte chooses HeaderCtrl and whether there is a
/// model, the rest is the script's JSON.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const store::State with_model = state_with_model();
  static const store::State without_model;
  if (size == 0) return 0;
  auto object = protocol::parse_json({reinterpret_cast<const char*>(data + 1), size - 1});
  if (!object) return 0;
  const store::ScriptResult script{std::move(*object)};
  constexpr std::array header_ctrls{18, 19, 26, 28};
  protocol::Frame frame;
  frame.message_id = 1;
  frame.header_ctrl = header_ctrls.at(data[0] % 4);
  store::Product product;
  product.product_id = "AA30C505";
  product.keep_violations = (data[0] & 8U) != 0;
  const store::Device device;
  constexpr std::int64_t now_ms = 1'700'000'000'000;
  const protocol::TopicMatch topic{
      frame.header_ctrl == 28 ? protocol::TopicName::hex_full : protocol::TopicName::hex_report,
      {},
      {}};
  const auto taken = flows::hex({.frame = frame,
                                 .payload = frame.payload,
                                 .topic = topic,
                                 .product = product,
                                 .device = device,
                                 .state = (data[0] & 4U) != 0 ? with_model : without_model,
                                 .script = &script,
                                 .received_at_ms = now_ms,
                                 .now_ms = now_ms,
                                 .zone = "UTC"});
  if (!taken) {
    REQUIRE(!taken.error().requirement.empty() && !taken.error().reason.empty());
    return 0;
  }
  for (const auto& row : taken->properties) {
    REQUIRE(protocol::parse_json(row.value));
    REQUIRE(row.device_time_ms > 0 && row.device_time_ms <= now_ms + 86'400'000);
  }
  for (const auto& row : taken->events) {
    REQUIRE(protocol::parse_json(row.params) && !row.identifier.empty());
    REQUIRE(row.device_time_ms > 0 && row.device_time_ms <= now_ms + 86'400'000);
  }
  return 0;
}
