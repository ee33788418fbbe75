// SPDX-License-Identifier: Apache-2.0
#include "link/control.hpp"

#include <string>
#include <string_view>
#include <variant>

#include "plugin/callbacks.hpp"

namespace xgate::plugin {
namespace {

using directory::DeviceKey;

void log_bad_command(std::string_view why) {
  log(LogLevel::warning,
      printable::Line("a command on $CONTROL/xgate/v1 was not carried out: ") + why);
}

struct CarryOut {
  Plugin& plugin;

  /// AUTH-9: the device is known when this returns, before the broker reads on.
  void operator()(const link::KnowDevice& command) const {
    const auto key = DeviceKey::from(command.device.product_id, command.device.node_eui);
    const auto secret = protocol::aes_key_from_hex(command.device_secret);
    if (!key || !secret) return log_bad_command("the device it names is not well formed");
    directory::Device device;
    device.secret = *secret;
    device.enabled = command.enabled;
    device.revision = command.revision;
    device.registration = command.registration;
    adopt_directory(plugin);
    if (plugin.directory.know(*key, device, plugin.clock.steady())) {
      plugin.revocation.devices.push_back(*key);
    }
  }

  void operator()(const link::Sync& command) const {
    plugin.sync_answer = SyncAnswer{command.sync, plugin.sessions.last_number()};
  }

  void operator()(const link::Taken& command) const {
    if (command.epoch != plugin.outbox.epoch()) return;
    auto& queues = plugin.limits.queues;
    (command.auth ? queues.auth : queues.uplinks).taken(command.messages, command.bytes);
  }

  void operator()(const link::Mark& /*command*/) const {}
};

}  // namespace

/// Any other answer than success would end the connection of the one who sent the command.
int on_control(Plugin& plugin, mosquitto_evt_control& event) {
  end_delivery(plugin);
  plugin.resuming = nullptr;
  const Session* session = plugin.sessions.find(event.client);
  if (session == nullptr || session->kind != Session::Kind::service) return MOSQ_ERR_SUCCESS;
  const auto command =
      link::decode_command({static_cast<const char*>(event.payload), event.payloadlen});
  if (!command) {
    log_bad_command(command.error());
    return MOSQ_ERR_SUCCESS;
  }
  std::visit(CarryOut{plugin}, *command);
  return MOSQ_ERR_SUCCESS;
}

}  // namespace xgate::plugin
