// SPDX-License-Identifier: Apache-2.0
#include "service/flows/config_report.hpp"

#include "protocol/explain_json.hpp"
#include "protocol/json_text.hpp"

namespace xgate::flows {

store::FlowResult config_report(const store::OpenedMessage& message) {
  const auto refuse = [](std::string_view reason) {
    return tl::unexpected(protocol::FrameRefusal{"CONF-1", std::string(reason), {}, {}});
  };
  if (!message.payload.is_object()) {
    return refuse("Payload is not an object with a member Settings");
  }
  const auto settings = message.payload.find("Settings");
  if (settings == message.payload.end()) {
    return refuse(protocol::missing_member(message.payload, "Settings"));
  }
  if (!settings->is_object()) return refuse("Settings is not an object of names and values");
  store::Accepted accepted;
  accepted.config = store::ConfigRow{
      .device_id = message.device.device_id,
      .settings = protocol::text_of_member(message.payload_text, "Settings", *settings),
      .reported_at_ms = message.received_at_ms};
  return accepted;
}

}  // namespace xgate::flows
