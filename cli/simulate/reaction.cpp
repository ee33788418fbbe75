// SPDX-License-Identifier: Apache-2.0
#include "cli/simulate/reaction.hpp"

#include <utility>

#include "protocol/frame.hpp"
#include "protocol/json.hpp"

namespace xgate::cli {
namespace {

using nlohmann::json;
using protocol::TopicName;
using Kind = Rule::Kind;

json ack_payload(const Rule& rule, const Filling& filling) {
  json payload{{"Code", rule.code}, {"Msg", rule.msg}};
  if (rule.data) payload["Data"] = filled(*rule.data, filling);
  return payload;
}

Outgoing acked_on(TopicName topic, const PlatformCommand& command, json payload) {
  return {topic, topic == TopicName::service_ack ? command.identifier : std::string(),
          command.header_ctrl, command.message_id, std::move(payload)};
}

/// The source sets numbers as text ("value": "100"): a device takes them as what it has there.
json in_the_form_of(const json& present, const json& value) {
  if (!value.is_string() || present.is_null()) return value;
  const bool has_number = present.is_number() || present.is_boolean() ||
                          (present.is_string() && wrong_with(present) == std::nullopt &&
                           present.get_ref<const std::string&>().find("..") != std::string::npos);
  if (!has_number) return value;
  const auto read = protocol::parse_json(value.get_ref<const std::string&>());
  return read && !read->is_structured() ? *read : value;
}

/// As a pattern that stands for just this value.
json literal(json value) {
  if (value.is_string()) return "@text " + value.get<std::string>();
  if (value.is_structured())
    for (json& each : value) each = literal(std::move(each));
  return value;
}

void take_settings(const json& changes, json& settings) {
  for (const auto& [name, value] : changes.items()) settings[name] = literal(value);
}

json answer_to_ask(const PlatformCommand& command, const Rule& rule, const DeviceMemory& memory,
                   const Filling& filling) {
  if (rule.data) return filled(*rule.data, filling);
  json values = json::object();
  for (const json& identifier : command.payload["params"]) {
    const auto& name = identifier.get_ref<const std::string&>();
    const auto known = memory.properties.find(name);
    if (known != memory.properties.end()) values[name] = filled(*known, filling);
  }
  return values;
}

std::vector<Outgoing> config_report(const PlatformCommand& command, const DeviceMemory& memory,
                                    const Filling& filling) {
  return {{TopicName::config_report,
           {},
           14,
           command.message_id,
           {{"Settings", filled(memory.settings, filling)}}}};
}

std::vector<Outgoing> hex_answer(const PlatformCommand& command, const Rule& rule,
                                 const Filling& filling) {
  std::vector<Outgoing> answer{
      acked_on(TopicName::hex_downlink_ack, command, ack_payload(rule, filling))};
  if (!rule.reply.empty())
    answer.push_back({TopicName::hex_report,
                      {},
                      command.kind == Kind::hex_call ? 26 : 18,
                      command.message_id,
                      filled_hex(rule.reply, filling)});
  return answer;
}

}  // namespace

json firmware_payload(const DeviceMemory& memory, const std::string& module) {
  json payload{{"HardVer", memory.hard_ver}, {"SoftVer", memory.soft_vers.at(module)}, {"Type", 2}};
  if (module != "default") payload["Module"] = module;
  return payload;
}

std::vector<Outgoing> react(const PlatformCommand& command, const Rule& rule, DeviceMemory& memory,
                            const Filling& filling) {
  if (rule.ignore) return {};
  const bool good = rule.code == protocol::code_success;
  switch (command.kind) {
    case Kind::down:
      return {acked_on(command.topic == TopicName::downlink ? TopicName::downlink_ack
                                                            : TopicName::downlink_ack_table,
                       command, ack_payload(rule, filling))};
    case Kind::set:
      if (good)
        for (const json& each : command.payload["params"]) {
          json& present = memory.properties[each["identify"].get<std::string>()];
          present = literal(in_the_form_of(present, each["value"]));
        }
      return {acked_on(TopicName::property_set_ack, command, ack_payload(rule, filling))};
    case Kind::ask:
      return {{TopicName::property_report,
               {},
               16,
               command.message_id,
               answer_to_ask(command, rule, memory, filling)}};
    case Kind::call:
      return {acked_on(TopicName::service_ack, command, ack_payload(rule, filling))};
    case Kind::config_set:
      if (good) take_settings(command.payload["Settings"], memory.settings);
      return config_report(command, memory, filling);
    case Kind::config_get:
      return config_report(command, memory, filling);
    case Kind::firmware: {
      std::vector<Outgoing> reports;
      for (const auto& [module, version] : memory.soft_vers)
        reports.push_back({TopicName::firmware_report,
                           {},
                           8,
                           command.message_id,
                           firmware_payload(memory, module)});
      return reports;
    }
    case Kind::hex_set:
    case Kind::hex_call:
    case Kind::hex_ask:
      return hex_answer(command, rule, filling);
    case Kind::ota:
      if (rule.upgrade == Rule::Upgrade::ignore) return {};
      return {{TopicName::ota_notify_ack,
               {},
               9,
               command.message_id,
               {{"DownID", command.payload["DownID"]}}}};
  }
  return {};
}

}  // namespace xgate::cli
