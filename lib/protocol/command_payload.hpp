// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>
#include <tl/expected.hpp>

#include "protocol/command.hpp"
#include "protocol/message_id.hpp"
#include "protocol/topic.hpp"

// What a command of an application becomes on the wire, and what a device's ack says.
namespace xgate::protocol {

/// Where a command goes. `hex`: the product's thing model speaks HEX (HEX-2); `table_names`: the
/// names that only the table of §2.3 has (TOPIC-4, TOPIC-8).
struct CommandRoute {
  TopicName topic;
  int header_ctrl;
};
CommandRoute command_route(CommandKind kind, bool hex, bool table_names) noexcept;

/// The frame's Payload, as compact text in the source's order of members. `request` is an object
/// with what the kind needs and nothing else looks at:
///   down {"data": any} · set {"params": {id: value}} · ask {"params": [id]} ·
///   call {"params": {…}} · config_set {"settings": {…}}
/// Not for ota_notify, key_update and HEX.
std::string command_payload(CommandKind kind, std::string_view service,
                            const nlohmann::json& request);

/// HEX-2, HEX-4: what the product's script is given to make bytes of a set, ask or call.
std::string script_input(CommandKind kind, std::string_view service, const nlohmann::json& request,
                         std::int64_t message_id);

/// A device's ack (FRAME-4). Code is a string on the wire; a number is read as its text.
struct CommandAck {
  std::string code;
  std::string msg;
  std::optional<nlohmann::json> data;
  bool success() const noexcept;
};
tl::expected<CommandAck, std::string> parse_command_ack(const nlohmann::json& payload);

/// The MessageId of a command of ours that `id` repeats, as the number, however it is written, or
/// as its decimal text; nothing where it is none that we give to commands (FRAME-2).
std::optional<std::int64_t> command_message_id(const MessageId& id) noexcept;

}  // namespace xgate::protocol
