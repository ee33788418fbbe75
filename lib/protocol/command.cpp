// SPDX-License-Identifier: Apache-2.0
#include "protocol/command.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include "protocol/random.hpp"

namespace xgate::protocol {
namespace {

using Kind = CommandKind;
using State = CommandState;

constexpr std::array<std::string_view, 9> kind_names{"down",         "set",        "ask",
                                                     "call",         "config_get", "config_set",
                                                     "firmware_ask", "ota_notify", "key_update"};
constexpr std::array<Kind, kind_names.size()> kinds{
    Kind::down,       Kind::set,          Kind::ask,        Kind::call,      Kind::config_get,
    Kind::config_set, Kind::firmware_ask, Kind::ota_notify, Kind::key_update};
constexpr std::array<std::string_view, 7> state_names{"queued", "sent",    "received", "done",
                                                      "failed", "expired", "cancelled"};
constexpr std::array<State, state_names.size()> states{
    State::queued, State::sent,    State::received, State::done,
    State::failed, State::expired, State::cancelled};

constexpr std::optional<State> stays{};

// clang-format off
// What was never sent cannot be answered: a device that says so changes nothing.
//                                        published     receipt           success      failure        expiry          cancel
constexpr std::array<std::array<std::optional<State>, 6>, 3> table{{
    /* queued   */ {State::sent,  stays,            stays,       stays,         State::expired, State::cancelled},
    /* sent     */ {stays,        State::received,  State::done, State::failed, State::expired, State::cancelled},
    /* received */ {stays,        stays,            State::done, State::failed, State::expired, State::cancelled},
}};

struct Answer {
  TopicName topic;
  int header_ctrl;
  Kind kind;
  CommandEvent event;
};
constexpr std::array answers{
    Answer{TopicName::downlink_ack,       7,  Kind::down,         CommandEvent::success},
    Answer{TopicName::downlink_ack_table, 7,  Kind::down,         CommandEvent::success},
    Answer{TopicName::property_set_ack,   20, Kind::set,          CommandEvent::success},
    Answer{TopicName::property_report,    16, Kind::ask,          CommandEvent::success},
    Answer{TopicName::service_ack,        21, Kind::call,         CommandEvent::success},
    Answer{TopicName::config_report,      14, Kind::config_get,   CommandEvent::success},
    Answer{TopicName::config_report,      14, Kind::config_set,   CommandEvent::success},
    Answer{TopicName::firmware_report,    8,  Kind::firmware_ask, CommandEvent::success},
    Answer{TopicName::ota_notify_ack,     9,  Kind::ota_notify,   CommandEvent::success},
    Answer{TopicName::hex_downlink_ack,   22, Kind::set,          CommandEvent::success},
    Answer{TopicName::hex_downlink_ack,   24, Kind::call,         CommandEvent::receipt},
    Answer{TopicName::hex_downlink_ack,   25, Kind::ask,          CommandEvent::receipt},
    Answer{TopicName::hex_report,         18, Kind::ask,          CommandEvent::success},
    Answer{TopicName::hex_report,         26, Kind::call,         CommandEvent::success},
};
// clang-format on

template <class Value, std::size_t size>
std::optional<Value> named(const std::array<std::string_view, size>& names,
                           std::string_view text) noexcept {
  const auto found = std::ranges::find(names, text);
  if (found == names.end()) return std::nullopt;
  return static_cast<Value>(found - names.begin());
}

}  // namespace

std::span<const CommandKind> all_command_kinds() noexcept { return kinds; }
std::string_view to_string(CommandKind kind) noexcept {
  return kind_names[static_cast<std::size_t>(kind)];
}
std::optional<CommandKind> command_kind_from(std::string_view text) noexcept {
  return named<CommandKind>(kind_names, text);
}

std::span<const CommandState> all_command_states() noexcept { return states; }
std::string_view to_string(CommandState state) noexcept {
  return state_names[static_cast<std::size_t>(state)];
}
std::optional<CommandState> command_state_from(std::string_view text) noexcept {
  return named<CommandState>(state_names, text);
}

std::optional<CommandState> next_state(CommandState state, CommandEvent event) noexcept {
  if (is_settled(state)) return std::nullopt;
  return table[static_cast<std::size_t>(state)][static_cast<std::size_t>(event)];
}

std::optional<AnswerRule> answer_rule(TopicName topic, int header_ctrl,
                                      CommandKind asked) noexcept {
  for (const auto& answer : answers) {
    if (answer.topic == topic && answer.header_ctrl == header_ctrl && answer.kind == asked) {
      return AnswerRule{answer.kind, answer.event};
    }
  }
  return std::nullopt;
}

bool may_answer(TopicName topic) noexcept {
  return std::ranges::any_of(answers, [&](const Answer& one) { return one.topic == topic; });
}

bool answers_unnumbered(TopicName topic) noexcept {
  return topic == TopicName::firmware_report || topic == TopicName::config_report ||
         topic == TopicName::ota_notify_ack || topic == TopicName::hex_report;
}

std::int64_t new_command_message_id() {
  const auto bytes = random_bytes<4>();
  const std::int64_t low = (bytes[0] & 0x3F) << 24 | bytes[1] << 16 | bytes[2] << 8 | bytes[3];
  return first_command_message_id + low;
}

}  // namespace xgate::protocol
