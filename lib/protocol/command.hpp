// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "protocol/topic.hpp"

namespace xgate::protocol {

/// What the platform tells or asks a device: one model for Commands 3, 7, 9, 13, 14 and 20…25.
enum class CommandKind : std::uint8_t {
  down,          ///< DOWN-1 (7)
  set,           ///< PROP-2 (20), HEX-2 (22)
  ask,           ///< PROP-3 (23), HEX-2 (25)
  call,          ///< SVC-1 (21), HEX-2 (24)
  config_get,    ///< CONF-1 (14, ask_config)
  config_set,    ///< CONF-1 (14, down_config)
  firmware_ask,  ///< FW-2 (13)
  ota_notify,    ///< OTA-1 (9): the platform's own
  key_update,    ///< KEY-1 (3): the platform's own
};
std::span<const CommandKind> all_command_kinds() noexcept;
std::string_view to_string(CommandKind kind) noexcept;  ///< "config_get"
std::optional<CommandKind> command_kind_from(std::string_view text) noexcept;
/// Whether the platform alone gives and ends such commands.
constexpr bool is_platforms_own(CommandKind kind) noexcept {
  return kind == CommandKind::ota_notify || kind == CommandKind::key_update;
}

/// queued → sent → received → done | failed | expired | cancelled. `received`: the device said that
/// it has it, and a result is still to come (HEX-2). A command is never done because it was sent.
enum class CommandState : std::uint8_t { queued, sent, received, done, failed, expired, cancelled };
std::span<const CommandState> all_command_states() noexcept;
std::string_view to_string(CommandState state) noexcept;
std::optional<CommandState> command_state_from(std::string_view text) noexcept;
constexpr bool is_settled(CommandState state) noexcept { return state >= CommandState::done; }

/// What can happen to a command.
enum class CommandEvent : std::uint8_t {
  published,  ///< handed to the broker
  receipt,    ///< an ack that says received, where the result comes later
  success,    ///< the flow's own answer, Code 200
  failure,    ///< the flow's own answer, any other Code
  expiry,     ///< its time to live is over
  cancel,
};
/// The state after the event; nothing where the event changes nothing (late, duplicate, or out of
/// order): then it is recorded, and harmless. Total: every pair has an answer.
std::optional<CommandState> next_state(CommandState state, CommandEvent event) noexcept;

/// What a message on `topic` with `header_ctrl` can be the answer to, and what it then says.
/// Of a firmware_report and a config_report, and of an answer whose Code decides, the event is
/// `success`; the caller looks at the Code.
struct AnswerRule {
  CommandKind kind;
  CommandEvent event;
};
std::optional<AnswerRule> answer_rule(TopicName topic, int header_ctrl, CommandKind asked) noexcept;
/// Whether answer_rule() has an answer for some kind and HeaderCtrl: most topics answer nothing.
bool may_answer(TopicName topic) noexcept;
/// Whether the answer is a report, which devices also send unasked, with a MessageId of their own.
bool answers_unnumbered(TopicName topic) noexcept;

/// Ours of a command: random in 2^30…2^31-1, where no device's own counter comes, so that a report
/// of its own is not taken for an answer.
inline constexpr std::int64_t first_command_message_id = std::int64_t{1} << 30;
inline constexpr std::int64_t last_command_message_id = (std::int64_t{1} << 31) - 1;
std::int64_t new_command_message_id();

}  // namespace xgate::protocol
