// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>
#include <tl/expected.hpp>

#include "protocol/message_id.hpp"
#include "protocol/topic.hpp"

namespace xgate::protocol {

inline constexpr std::string_view protocol_version = "2.0";

/// Ack codes (table 2.3). A JSON *string* on the wire (FRAME-4).
inline constexpr std::string_view code_success = "200";
inline constexpr std::string_view code_failure = "4001";

/// A message taken apart (FRAME-1…3). For `hex_full` (TOPIC-14's bare hex) message_id is empty,
/// header_ctrl 28, payload the hex text, whether it came quoted or bare (HEX-3).
struct Frame {
  MessageId message_id;  ///< a string or a whole number (FRAME-2)
  int header_ctrl = 0;
  nlohmann::json payload;
  std::string version;
  std::string payload_text = {};  ///< the payload as it came; of `hex_full` as a JSON string
};

/// Why a message is no frame. Where its MessageId could be read, it can be answered (FRAME-5).
struct FrameRefusal {
  std::string requirement;
  std::string reason;    ///< one sentence: also the ack's Msg
  MessageId message_id;  ///< readable although the frame is not valid
  std::optional<int> header_ctrl;
};

/// FRAME-1…3 and FRAME-5: `bytes` as they came on the topic of `name`. Never throws.
/// `check_version` false leaves Version to the caller (auth answers it with Code 6, AUTH-6).
tl::expected<Frame, FrameRefusal> parse_frame(std::string_view bytes, TopicName name,
                                              bool check_version = true);

/// A frame of ours, as compact text with the members in the source's order.
std::string build_frame(const MessageId& message_id, int header_ctrl,
                        const nlohmann::json& payload);
/// The same with a Payload that is JSON text already, so that its members keep their order.
std::string build_frame_of_text(const MessageId& message_id, int header_ctrl,
                                std::string_view payload);

/// FRAME-4: {"Code":"200","Msg":"SUCCESS"[,"Data":…]} / {"Code":"4001","Msg":reason}.
std::string build_ack(const MessageId& message_id, int header_ctrl,
                      const nlohmann::json* data = nullptr);
std::string build_failure_ack(const MessageId& message_id, int header_ctrl,
                              std::string_view reason);

/// AUTH-2: whether a payload on T/downlink is an auth reply (HeaderCtrl 1).
bool is_auth_reply(std::string_view payload);

}  // namespace xgate::protocol
