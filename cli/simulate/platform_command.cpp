// SPDX-License-Identifier: Apache-2.0
#include "cli/simulate/platform_command.hpp"

#include <algorithm>
#include <cctype>
#include <limits>

#include "protocol/json.hpp"

namespace xgate::cli {
namespace {

using nlohmann::json;
using protocol::TopicName;
using Kind = Rule::Kind;

std::optional<Kind> kind_on(TopicName topic, int header_ctrl) noexcept {
  switch (topic) {
    case TopicName::downlink:
    case TopicName::downlink_table:
      return Kind::down;
    case TopicName::property_set:
      return Kind::set;
    case TopicName::property_ask:
      return Kind::ask;
    case TopicName::service_call:
      return Kind::call;
    case TopicName::ask_config:
      return Kind::config_get;
    case TopicName::down_config:
    case TopicName::down_config_table:
      return Kind::config_set;
    case TopicName::ask_firmware:
      return Kind::firmware;
    case TopicName::ota_notify:
      return Kind::ota;
    case TopicName::hex_downlink:
      return header_ctrl == 22 ? Kind::hex_set : header_ctrl == 24 ? Kind::hex_call : Kind::hex_ask;
    default:
      return std::nullopt;
  }
}

bool is_whole_hex(const std::string& text) {
  return text.size() % 2 == 0 && protocol::is_hex(text);
}

/// ENC-3: a Payload that is a text may be encrypted; of a hex command it may also be what it is.
Checked<json> opened(Kind kind, const json& payload, const std::optional<protocol::AesKey>& key,
                     protocol::Aes& aes) {
  const bool is_hex_command =
      kind == Kind::hex_set || kind == Kind::hex_call || kind == Kind::hex_ask;
  if (!payload.is_string() || !key) return payload;
  const auto plain = aes.decrypt_hex(*key, payload.get_ref<const std::string&>());
  if (is_hex_command) return plain && is_whole_hex(*plain) ? json(*plain) : payload;
  if (plain)
    if (auto value = protocol::parse_json(*plain)) return std::move(*value);
  if (kind == Kind::down) return payload;
  return fault("ENC-1", "the Payload is a text that the session key does not open");
}

/// What is not of the form that the flow's requirement wants; empty: nothing.
std::string wrong_form(Kind kind, const json& payload, PlatformCommand& command) {
  switch (kind) {
    case Kind::set: {
      const json* params = member(payload, "params");
      if (params == nullptr || !params->is_array() || params->empty())
        return "Payload.params is no list of what is set";
      for (const json& each : *params)
        if (member(each, "identify") == nullptr || !each["identify"].is_string() ||
            member(each, "value") == nullptr)
          return "an entry of Payload.params has no identify (string) with a value";
      command.identifier = (*params)[0]["identify"].get<std::string>();
      return {};
    }
    case Kind::ask: {
      const json* params = member(payload, "params");
      if (params == nullptr || !params->is_array() || params->empty() ||
          !std::all_of(params->begin(), params->end(), [](const json& p) { return p.is_string(); }))
        return "Payload.params is no list of identifiers";
      command.identifier = (*params)[0].get<std::string>();
      return {};
    }
    case Kind::call: {
      const json* service = member(payload, "servicIdentify");
      if (service == nullptr || *service != json(command.identifier))
        return "Payload.servicIdentify is not the topic's service";
      const json* params = member(payload, "params");
      return params != nullptr && params->is_object() ? "" : "Payload.params is no object";
    }
    case Kind::config_get:
    case Kind::firmware:
      return payload.is_object() && payload.empty() ? "" : "the Payload is not {}";
    case Kind::config_set: {
      const json* settings = member(payload, "Settings");
      return settings != nullptr && settings->is_object() ? "" : "Payload.Settings is no object";
    }
    case Kind::hex_set:
    case Kind::hex_call:
    case Kind::hex_ask:
      return payload.is_string() && is_whole_hex(payload.get_ref<const std::string&>())
                 ? ""
                 : "the Payload is no hex digits, two a byte";
    case Kind::down:
    case Kind::ota:  // read_notice() looks closer
      return {};
  }
  return {};
}

std::string requirement_of(Kind kind) {
  switch (kind) {
    case Kind::down:
      return "DOWN-1";
    case Kind::set:
      return "PROP-2";
    case Kind::ask:
      return "PROP-3";
    case Kind::call:
      return "SVC-1";
    case Kind::config_get:
    case Kind::config_set:
      return "CONF-1";
    case Kind::firmware:
      return "FW-2";
    case Kind::ota:
      return "OTA-1";
    default:
      return "HEX-2";
  }
}

}  // namespace

bool is_platform_id(const protocol::MessageId& id) {
  const auto number = protocol::whole_number_in(id.text());
  return number && *number >= 1 && *number <= std::numeric_limits<std::int32_t>::max() &&
         id == protocol::MessageId(*number);
}

bool carries_commands(TopicName topic) noexcept { return kind_on(topic, 0).has_value(); }

Checked<PlatformCommand> read_command(const protocol::TopicMatch& topic,
                                      const protocol::Frame& frame,
                                      const std::optional<protocol::AesKey>& session_key,
                                      protocol::Aes& aes) {
  const auto kind = kind_on(topic.name, frame.header_ctrl);
  if (!kind) return fault("TOPIC", "no command travels on this topic");
  if (!is_platform_id(frame.message_id))
    return fault("FRAME-2", "the platform's MessageId is not an integer in 1..2^31-1");
  PlatformCommand command{
      *kind, topic.name, std::string(topic.identifier), frame.message_id, frame.header_ctrl, {}};
  Checked<json> payload = opened(*kind, frame.payload, session_key, aes);
  if (!payload) return tl::unexpected(payload.error());
  if (std::string wrong = wrong_form(*kind, *payload, command); !wrong.empty())
    return fault(requirement_of(*kind), std::move(wrong));
  command.payload = std::move(*payload);
  return command;
}

Checked<UpgradeNotice> read_notice(const json& payload) {
  const auto text = [&payload](const char* name) {
    const json* value = member(payload, name);
    return value != nullptr && value->is_string() ? value->get<std::string>() : std::string();
  };
  const json* type = member(payload, "Type");
  if (type == nullptr || *type != json(2)) return fault("OTA-1", "Type is not 2");
  const json* size = member(payload, "SoftSize");
  if (size == nullptr || !size->is_number_integer() || size->get<std::int64_t>() < 0)
    return fault("OTA-1", "SoftSize is no number of bytes");
  UpgradeNotice notice{text("Url"), text("SoftVer"), size->get<std::int64_t>(),
                       text("MD5"), text("DownID"),  "default"};
  if (!notice.url.starts_with("http://") && !notice.url.starts_with("https://"))
    return fault("OTA-1", "Url is no address of HTTP");
  if (notice.soft_ver.empty()) return fault("OTA-1", "SoftVer is missing");
  if (notice.down_id.empty()) return fault("OTA-1", "DownID is missing");
  if (notice.md5.size() != 32 || !protocol::is_hex(notice.md5))
    return fault("OTA-1", "MD5 is not 32 hex digits");
  std::transform(notice.md5.begin(), notice.md5.end(), notice.md5.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  if (const json* module = member(payload, "Module"); module != nullptr) {
    if (!module->is_string() || *module == json("default"))
      return fault("OTA-1", "Module is no text, or \"default\", which is left out");
    notice.module = module->get<std::string>();
  }
  return notice;
}

std::string download_url(const UpgradeNotice& notice) {
  if (notice.url.find(notice.down_id) != std::string::npos) return notice.url;
  const char* sign = notice.url.find('?') == std::string::npos ? "?" : "&";
  return notice.url + sign + "DownID=" + notice.down_id;
}

}  // namespace xgate::cli
