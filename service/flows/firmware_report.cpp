// SPDX-License-Identifier: Apache-2.0
#include "service/flows/firmware_report.hpp"

#include <utility>

#include "protocol/firmware_report.hpp"

namespace xgate::flows {

store::FlowResult firmware_report(const store::OpenedMessage& message) {
  auto report = protocol::parse_firmware_report(message.frame, message.payload);
  if (!report) {
    return tl::unexpected(std::move(report.error()));
  }
  store::Accepted accepted;
  accepted.firmware = store::FirmwareRow{
      .device_id = message.device.device_id,
      .module = std::move(report->module),
      .hard_ver = std::move(report->hard_ver),
      .soft_ver = std::move(report->soft_ver),
      .type = report->type,
      .reported_at_ms = message.received_at_ms,
  };
  return accepted;
}

}  // namespace xgate::flows
