// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "cli/simulate/replies.hpp"
#include "cli/simulate/scenario.hpp"
#include "protocol/aes.hpp"
#include "protocol/frame.hpp"
#include "protocol/topic.hpp"

namespace xgate::cli {

/// What the platform told or asked a device, opened and checked.
struct PlatformCommand {
  Rule::Kind kind = Rule::Kind::down;
  protocol::TopicName topic = protocol::TopicName::downlink;
  std::string identifier;  ///< of a service; the first property's of a set or an ask
  protocol::MessageId message_id;
  int header_ctrl = 0;
  nlohmann::json payload;  ///< plain; of a hex command: the hex text
};

/// FRAME-2: whether it is one of those that the platform gives, as it writes them.
bool is_platform_id(const protocol::MessageId& id);

/// Whether commands come on that topic (Command 3 apart).
bool carries_commands(protocol::TopicName topic) noexcept;

/// A frame that came on a topic of commands, as DOWN-1, PROP-2, PROP-3, SVC-1, HEX-2, CONF-1, FW-2
/// and OTA-1 want it. `session_key`: of an encrypted device, for ENC-3.
Checked<PlatformCommand> read_command(const protocol::TopicMatch& topic,
                                      const protocol::Frame& frame,
                                      const std::optional<protocol::AesKey>& session_key,
                                      protocol::Aes& aes);

struct UpgradeNotice {
  std::string url;
  std::string soft_ver;
  std::int64_t soft_size = 0;
  std::string md5;  ///< upper case
  std::string down_id;
  std::string module = "default";
};
/// OTA-1.
Checked<UpgradeNotice> read_notice(const nlohmann::json& payload);
/// Url, with the DownID where it does not carry it already (OTA-4).
std::string download_url(const UpgradeNotice& notice);

}  // namespace xgate::cli
