// SPDX-License-Identifier: Apache-2.0
#include "protocol/command_payload.hpp"

#include "protocol/explain_json.hpp"
#include "protocol/frame.hpp"
#include "protocol/json.hpp"
#include "protocol/whole_characters.hpp"

namespace xgate::protocol {
namespace {

using nlohmann::json;

const json& member(const json& object, const char* name) {
  static const json nothing;
  if (!object.is_object()) return nothing;
  const auto found = object.find(name);
  return found == object.end() ? nothing : *found;
}

/// DOWN-1: an object is the Payload itself, anything else stands under "data".
std::string down_payload(const json& data) {
  return data.is_object() ? compact(data) : R"({"data":)" + compact(data) + '}';
}

/// PROP-2: the source's value is a string; what has parts of its own stays JSON.
std::string wire_value(const json& value) {
  if (value.is_string() || value.is_structured() || value.is_null()) return compact(value);
  return compact(compact(value));
}

std::string set_payload(const json& params) {
  std::string text = R"({"params":[)";
  bool first = true;
  for (const auto& [identifier, value] : params.items()) {
    if (!first) text += ',';
    first = false;
    text += R"({"identify":)" + compact(identifier) + R"(,"value":)" + wire_value(value) + '}';
  }
  return text + "]}";
}

std::string under(std::string_view name, const json& value) {
  std::string text = R"({")";
  text += name;
  return text + R"(":)" + compact(value) + '}';
}

bool is_our_id(std::int64_t id) noexcept {
  return id >= first_command_message_id && id <= last_command_message_id;
}

}  // namespace

CommandRoute command_route(CommandKind kind, bool hex, bool table_names) noexcept {
  switch (kind) {
    case CommandKind::down:
      return {table_names ? TopicName::downlink_table : TopicName::downlink, 7};
    case CommandKind::set:
      return hex ? CommandRoute{TopicName::hex_downlink, 22}
                 : CommandRoute{TopicName::property_set, 20};
    case CommandKind::ask:
      return hex ? CommandRoute{TopicName::hex_downlink, 25}
                 : CommandRoute{TopicName::property_ask, 23};
    case CommandKind::call:
      return hex ? CommandRoute{TopicName::hex_downlink, 24}
                 : CommandRoute{TopicName::service_call, 21};
    case CommandKind::config_get:
      return {TopicName::ask_config, 14};
    case CommandKind::config_set:
      return {table_names ? TopicName::down_config_table : TopicName::down_config, 14};
    case CommandKind::firmware_ask:
      return {TopicName::ask_firmware, 13};
    case CommandKind::ota_notify:
      return {TopicName::ota_notify, 9};
    case CommandKind::key_update:
      break;
  }
  return {TopicName::downlink, 3};
}

std::string command_payload(CommandKind kind, std::string_view service, const json& request) {
  switch (kind) {
    case CommandKind::down:
      return down_payload(member(request, "data"));
    case CommandKind::set:
      return set_payload(member(request, "params"));
    case CommandKind::ask:
      return under("params", member(request, "params"));
    case CommandKind::call:
      return R"({"servicIdentify":)" + compact(service) + R"(,"params":)" +
             compact(member(request, "params")) + '}';
    case CommandKind::config_set:
      return under("Settings", member(request, "settings"));
    default:
      return "{}";
  }
}

std::string script_input(CommandKind kind, std::string_view service, const json& request,
                         std::int64_t message_id) {
  std::string method = "thing.service.";
  method += kind == CommandKind::set   ? "property.set"
            : kind == CommandKind::ask ? "property.get"
                                       : service;
  return R"({"method":)" + compact(method) + R"(,"id":")" + std::to_string(message_id) +
         R"(","params":)" + compact(member(request, "params")) + R"(,"version":"1.0"})";
}

bool CommandAck::success() const noexcept { return code == code_success; }

tl::expected<CommandAck, std::string> parse_command_ack(const json& payload) {
  if (!payload.is_object()) {
    return tl::unexpected(std::string("the ack's Payload is not an object with a Code"));
  }
  const auto& code = member(payload, "Code");
  CommandAck ack;
  if (code.is_string()) {
    ack.code = code.get_ref<const std::string&>();
  } else if (const auto number = whole_number(code)) {
    ack.code = std::to_string(*number);
  } else {
    return tl::unexpected("the ack's " + missing_member(payload, "Code") +
                          ", as a string or a number: send \"200\" or \"4001\"");
  }
  constexpr std::size_t longest_code = 64;
  if (ack.code.empty() || ack.code.size() > longest_code) {
    return tl::unexpected(std::string("the ack's Code is empty or longer than 64 bytes"));
  }
  constexpr std::size_t longest_msg = 500;
  if (const auto& msg = member(payload, "Msg"); msg.is_string()) {
    ack.msg = whole_characters(msg.get_ref<const std::string&>(), longest_msg);
  }
  if (const auto& data = member(payload, "Data"); !data.is_null()) ack.data = data;
  return ack;
}

std::optional<std::int64_t> command_message_id(const MessageId& id) noexcept {
  std::string_view digits = id.text();
  if (digits.size() > 2 && digits.starts_with('"')) digits = digits.substr(1, digits.size() - 2);
  const auto number = whole_number_in(digits);
  return number && is_our_id(*number) ? number : std::nullopt;
}

}  // namespace xgate::protocol
