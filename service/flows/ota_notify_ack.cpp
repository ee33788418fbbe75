// SPDX-License-Identifier: Apache-2.0
#include "service/flows/ota_notify_ack.hpp"

#include <utility>

#include "protocol/ota.hpp"

namespace xgate::flows {
namespace {

const store::UpgradeRow* upgrade_of(const store::OpenedMessage& message,
                                    const std::string& down_id) {
  const auto known = message.state.upgrades.find(message.device.device_id);
  if (known == message.state.upgrades.end()) return nullptr;
  for (const store::UpgradeRow& row : known->second) {
    if (row.down_id == down_id) return &row;
  }
  return nullptr;
}

}  // namespace

store::FlowResult ota_notify_ack(const store::OpenedMessage& message) {
  const auto down_id = protocol::parse_ota_notify_ack(message.frame, message.payload);
  if (!down_id) {
    return tl::unexpected(down_id.error());
  }
  const auto* row = upgrade_of(message, *down_id);
  if (row == nullptr) {
    return tl::unexpected(protocol::FrameRefusal{
        "OTA-2", "DownID is none of an upgrade that this device was told of", {}, {}});
  }
  store::Accepted accepted;
  protocol::Upgrade upgrade = row->upgrade;
  const bool changed = protocol::on_confirmation(
      upgrade, {message.session, message.redelivered, message.received_at_ms});
  accepted.note = "upgrade job " + std::to_string(row->job_id) + ": " +
                  std::string(protocol::to_string(upgrade.state));
  if (changed) {
    accepted.upgrade = store::UpgradeChange{.device_id = message.device.device_id,
                                            .upgrade_id = row->upgrade_id,
                                            .revision = row->revision,
                                            .upgrade = std::move(upgrade),
                                            .deadline_at_ms = std::nullopt};
  }
  return accepted;
}

}  // namespace xgate::flows
