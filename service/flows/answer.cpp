// SPDX-License-Identifier: Apache-2.0
#include "service/flows/answer.hpp"

#include <utility>
#include <vector>

#include "protocol/command.hpp"
#include "protocol/command_payload.hpp"
#include "protocol/json_text.hpp"

namespace xgate::flows {
namespace {

using nlohmann::json;
using protocol::CommandEvent;
using protocol::CommandKind;
using protocol::TopicName;
using store::OpenCommand;

/// What the device says of the command.
struct Said {
  CommandEvent event = CommandEvent::success;
  std::string code;
  std::string result;
  std::string reason;
};

std::optional<protocol::AnswerRule> rule_of(const store::OpenedMessage& message,
                                            const OpenCommand& command) {
  return protocol::answer_rule(message.topic.name, message.frame.header_ctrl, command.kind);
}

const json* script_output(const store::OpenedMessage& message) {
  return message.script != nullptr && message.script->object ? &*message.script->object : nullptr;
}

const json* member(const json* object, const char* name) {
  if (object == nullptr || !object->is_object()) return nullptr;
  const auto found = object->find(name);
  return found == object->end() ? nullptr : &*found;
}

/// The MessageId of ours that the message repeats: its frame's, or what its script read.
std::optional<std::int64_t> repeated_id(const store::OpenedMessage& message) {
  if (const auto id = protocol::command_message_id(message.frame.message_id)) return id;
  const json* id = member(script_output(message), "id");
  if (id == nullptr) return std::nullopt;
  return protocol::command_message_id(protocol::MessageId::of_text(protocol::compact(*id)));
}

const OpenCommand* by_id(const store::OpenedMessage& message,
                         const std::vector<OpenCommand>& commands, std::int64_t id) {
  for (const OpenCommand& command : commands) {
    const bool same_service =
        message.topic.name != TopicName::service_ack || command.service == message.topic.identifier;
    if (command.message_id == id && same_service && rule_of(message, command)) return &command;
  }
  return nullptr;
}

/// Whether a report without a MessageId of ours can be the answer (FW-2, CONF-1, OTA-2, HEX-2):
/// the first that comes after the command was sent.
bool may_be_meant(const store::OpenedMessage& message, const OpenCommand& command) {
  if (protocol::is_settled(command.state) || !rule_of(message, command) || !command.sent_at_ms ||
      message.received_at_ms < *command.sent_at_ms) {
    return false;
  }
  if (command.kind != CommandKind::ota_notify) return true;
  const json* down_id = member(&message.payload, "DownID");
  return down_id != nullptr && down_id->is_string() &&
         down_id->get_ref<const std::string&>() == command.down_id;
}

const OpenCommand* find(const store::OpenedMessage& message) {
  const auto known = message.state.commands.find(message.device.device_id);
  if (known == message.state.commands.end()) return nullptr;
  if (const auto id = repeated_id(message)) {
    if (const OpenCommand* command = by_id(message, known->second, *id)) return command;
  }
  // Only a call is answered on hex/report (26) without its number: an 18 is a report like any.
  if (!protocol::answers_unnumbered(message.topic.name)) return nullptr;
  for (const OpenCommand& command : known->second) {
    const bool unnumbered_ask =
        message.topic.name == TopicName::hex_report && command.kind != CommandKind::call;
    if (!unnumbered_ask && may_be_meant(message, command)) return &command;
  }
  return nullptr;
}

/// An ack's Payload: Code, Msg, Data.
void read_ack(const store::OpenedMessage& message, Said& said) {
  const auto ack = protocol::parse_command_ack(message.payload);
  if (!ack) return;  // its flow has accepted it, so there is a Code
  said.code = ack->code;
  if (ack->data) {
    said.result = protocol::text_of_member(message.payload_text, "Data", *ack->data);
  }
  if (!ack->success()) {
    said.event = CommandEvent::failure;
    said.reason = ack->msg.empty() ? "the device answered Code " + ack->code : ack->msg;
  }
}

/// HEX-2: what the script made of the bytes. A reply in the convention has a code and data; a
/// report has params.
void read_script(const store::OpenedMessage& message, Said& said) {
  const json* output = script_output(message);
  if (output == nullptr) return;
  if (const json* code = member(output, "code"); code != nullptr && !code->is_null()) {
    const auto number = protocol::whole_number(*code);
    said.code = code->is_string() ? code->get<std::string>()
                : number          ? std::to_string(*number)
                                  : protocol::compact(*code);
    if (said.code != protocol::code_success) {
      said.event = CommandEvent::failure;
      said.reason = "the device answered Code " + said.code;
    }
  }
  const json* result = member(output, "data");
  if (result == nullptr) result = member(output, "params");
  said.result = protocol::compact(result != nullptr ? *result : *output);
}

Said read(const store::OpenedMessage& message, CommandEvent event) {
  Said said;
  said.event = event;
  switch (message.topic.name) {
    case TopicName::hex_report:
      read_script(message, said);
      break;
    case TopicName::property_report:
    case TopicName::firmware_report:
    case TopicName::ota_notify_ack:
      said.result = message.payload_text;
      break;
    case TopicName::config_report:
      if (const json* settings = member(&message.payload, "Settings")) {
        said.result = protocol::text_of_member(message.payload_text, "Settings", *settings);
      }
      break;
    default:
      read_ack(message, said);
  }
  return said;
}

/// PROP-3: the values as they are stored, so that an ask and the latest values say the same.
std::string stored_values(const std::vector<store::PropertyRow>& properties) {
  std::string object;
  for (const store::PropertyRow& property : properties) {
    object += object.empty() ? '{' : ',';
    object += protocol::compact(json(property.identifier)) + ':' + property.value;
  }
  return object + '}';
}

/// SVC-1: what a service gives back is looked at, but the device did what it did.
std::string misfit(const store::OpenedMessage& message, const OpenCommand& command,
                   const Said& said) {
  const auto model = message.state.models.find(message.product.product_id);
  if (command.kind != CommandKind::call || said.event != CommandEvent::success ||
      said.result.empty() || model == message.state.models.end() || model->second == nullptr) {
    return {};
  }
  const auto data = protocol::parse_json(said.result);
  if (!data) return {};
  const auto fitted = model->second->fit_result(command.service, *data);
  return fitted ? std::string() : "; its Data does not fit the model: " + fitted.error().reason;
}

std::string note_of(const OpenCommand& command,
                    const std::optional<protocol::CommandState>& state) {
  const std::string name = "command " + std::to_string(command.command_id);
  if (state) return name + ": " + std::string(protocol::to_string(*state));
  if (!protocol::is_settled(command.state)) return name + ": said again";
  return "too late for " + name + ": it is " + std::string(protocol::to_string(command.state)) +
         " already";
}

}  // namespace

std::optional<Answer> answer(const store::OpenedMessage& message, const store::Accepted& accepted) {
  const OpenCommand* command = find(message);
  if (command == nullptr) return std::nullopt;
  Said said = read(message, rule_of(message, *command)->event);
  if (command->kind == CommandKind::ask && !accepted.properties.empty()) {
    said.result = stored_values(accepted.properties);
  }
  const auto state = protocol::next_state(command->state, said.event);
  const std::string misfitting = misfit(message, *command, said);
  Answer answer;
  answer.note = note_of(*command, state) + misfitting;
  answer.warning = !misfitting.empty() || (!state && protocol::is_settled(command->state));
  answer.command = {.command_id = command->command_id,
                    .kind = command->kind,
                    .state = state,
                    .code = std::move(said.code),
                    .result = std::move(said.result),
                    .reason = std::move(said.reason),
                    .at_ms = message.now_ms};
  return answer;
}

void apply(const store::CommandAnswer& answer, std::int64_t device_id, store::State& state) {
  if (!answer.state) return;
  for (OpenCommand& command : state.commands[device_id]) {
    if (command.command_id == answer.command_id) command.state = *answer.state;
  }
}

}  // namespace xgate::flows
