// SPDX-License-Identifier: Apache-2.0
#include "service/flows/firmware_report.hpp"

#include <utility>

#include "protocol/command_payload.hpp"
#include "protocol/firmware_report.hpp"
#include "protocol/ota.hpp"

namespace xgate::flows {
namespace {

using protocol::UpgradeAction;

const store::UpgradeRow* live_upgrade(const store::OpenedMessage& message,
                                      const std::string& module) {
  const auto known = message.state.upgrades.find(message.device.device_id);
  if (known == message.state.upgrades.end()) return nullptr;
  for (const store::UpgradeRow& row : known->second) {
    if (row.module == module && protocol::is_live(row.upgrade.state)) return &row;
  }
  return nullptr;
}

/// OTA-1: the notice of this upgrade. Of one already queued the key says so.
store::NewCommand notice(const store::OpenedMessage& message, const store::UpgradeRow& row,
                         std::int64_t deadline_ms) {
  const auto kind = protocol::CommandKind::ota_notify;
  const auto route = protocol::command_route(kind, false, false);
  store::NewCommand command;
  command.device_id = message.device.device_id;
  command.kind = kind;
  command.request = nlohmann::json{{"job_id", row.job_id}, {"version", row.upgrade.version}}.dump();
  command.topic = route.topic;
  command.header_ctrl = route.header_ctrl;
  command.payload = protocol::build_ota_notify(
      {.url = protocol::download_url(message.state.download_base, row.down_id),
       .version = row.upgrade.version,
       .size = row.size,
       .md5 = row.md5,
       .down_id = row.down_id,
       .file_name = row.file_name,
       .module = row.module});
  command.created_at_ms = message.now_ms;
  command.expires_at_ms = deadline_ms;
  command.idempotency_key = "ota:" + row.down_id;
  return command;
}

/// OTA-1, OTA-3: what the report means for a live upgrade of the module.
void judge(const store::OpenedMessage& message, const store::UpgradeRow& row,
           std::string_view version, store::Accepted& accepted) {
  protocol::Upgrade upgrade = row.upgrade;
  const auto action = protocol::on_firmware_report(
      upgrade, version, {message.session, message.redelivered, message.received_at_ms});
  if (upgrade == row.upgrade) return;
  store::UpgradeChange change{.device_id = message.device.device_id,
                              .upgrade_id = row.upgrade_id,
                              .revision = row.revision,
                              .upgrade = std::move(upgrade),
                              .deadline_at_ms = std::nullopt};
  if (action == UpgradeAction::notify) {
    change.deadline_at_ms = message.now_ms + row.time_limit_ms;
    accepted.commands.push_back(notice(message, row, *change.deadline_at_ms));
  } else if (action == UpgradeAction::notify_again && row.command_id) {
    accepted.commands_again.push_back(*row.command_id);
  }
  accepted.note = "upgrade job " + std::to_string(row.job_id) + ": " +
                  std::string(protocol::to_string(change.upgrade.state));
  accepted.upgrade = std::move(change);
}

}  // namespace

store::FlowResult firmware_report(const store::OpenedMessage& message) {
  auto report = protocol::parse_firmware_report(message.frame, message.payload);
  if (!report) {
    return tl::unexpected(std::move(report.error()));
  }
  store::Accepted accepted;
  if (const auto* row = live_upgrade(message, report->module)) {
    judge(message, *row, report->soft_ver, accepted);
  }
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
