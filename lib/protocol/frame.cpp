// SPDX-License-Identifier: Apache-2.0
#include "protocol/frame.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "protocol/aes.hpp"
#include "protocol/explain_json.hpp"
#include "protocol/json_text.hpp"

namespace xgate::protocol {
namespace {

using nlohmann::json;

constexpr int hex_full_command = 28;
// Far beyond what counters, UUIDs and time stamps need; an id is kept and echoed for every message.
constexpr std::size_t max_message_id = 256;

/// Of a JSON text: a string or a whole number, and not too long.
bool is_acceptable_id(std::string_view text) {
  constexpr std::size_t quotation_marks = 2;
  return text.size() <= max_message_id + quotation_marks &&
         (text.starts_with('"') || whole_number_in(text));
}

/// Collects what could be read, so that a refusal can still be answered.
class FrameReader {
 public:
  FrameReader(std::string_view bytes, json&& object, const TopicRow& row)
      : bytes_(bytes), object_(std::move(object)), row_(row) {}

  tl::expected<Frame, FrameRefusal> read(bool check_version) {
    read_header_ctrl();
    read_message_id();
    read_payload();
    read_version(check_version);
    if (!refusal_.requirement.empty()) return tl::make_unexpected(std::move(refusal_));
    return std::move(frame_);
  }

 private:
  void read_message_id() {
    const auto id = object_.find("MessageId");
    if (id == object_.end()) return refuse("FRAME-2", missing_member(object_, "MessageId"));
    if (!id->is_string() && !whole_number(*id)) {
      return refuse("FRAME-2", "MessageId is neither a string nor a whole number");
    }
    // A number may be written in more than one way: 1.0, 1e0, -0. The answer repeats the device's.
    const bool as_read = id->is_string() || (id->is_number_integer() && *id != 0);
    auto text = as_read ? compact(*id) : find_scalar(bytes_, "MessageId");
    if (!is_acceptable_id(text)) return refuse("FRAME-2", "MessageId is longer than 256 bytes");
    frame_.message_id = MessageId::of_text(std::move(text));
    refusal_.message_id = frame_.message_id;
  }

  void read_header_ctrl() {
    const auto number = object_.find("HeaderCtrl");
    if (number == object_.end()) return refuse("FRAME-3", missing_member(object_, "HeaderCtrl"));
    if (number->is_string()) return refuse("FRAME-3", "HeaderCtrl is a string: send the number");
    const auto value = whole_number(*number);
    if (!value) return refuse("FRAME-3", "HeaderCtrl is not a whole number");
    // No command is near the ends of int: what lies beyond them fits no topic either way.
    frame_.header_ctrl = static_cast<int>(std::clamp<std::int64_t>(
        *value, std::numeric_limits<int>::min(), std::numeric_limits<int>::max()));
    refusal_.header_ctrl = frame_.header_ctrl;
    if (std::ranges::find(row_.header_ctrls, frame_.header_ctrl) == row_.header_ctrls.end()) {
      refuse("FRAME-3", "HeaderCtrl " + std::to_string(frame_.header_ctrl) +
                            " does not belong on this topic: send " + commands());
    }
  }

  void read_payload() {
    const auto payload = object_.find("Payload");
    if (payload == object_.end()) return refuse("FRAME-1", missing_member(object_, "Payload"));
    frame_.payload_text = text_of_member(bytes_, "Payload", *payload);
    frame_.payload = std::move(*payload);
  }

  void read_version(bool check) {
    const auto version = object_.find("Version");
    const bool is_text = version != object_.end() && version->is_string();
    if (is_text) frame_.version = std::move(version->get_ref<std::string&>());
    if (!check || (is_text && frame_.version == protocol_version)) return;
    if (version == object_.end()) {
      return refuse("FRAME-3", missing_member(object_, "Version") + ": send \"2.0\"");
    }
    refuse("FRAME-3", is_text ? "Version is not \"2.0\""
                              : "Version is not a string: send \"2.0\" in quotation marks");
  }

  std::string commands() const {
    std::string text;
    for (const int command : row_.header_ctrls) {
      if (!text.empty()) text += " or ";
      text += std::to_string(command);
    }
    return text;
  }

  /// The first problem is the one that is told.
  void refuse(std::string_view requirement, std::string&& reason) {
    if (!refusal_.requirement.empty()) return;
    refusal_.requirement = requirement;
    refusal_.reason = std::move(reason);
  }

  std::string_view bytes_;
  json object_;
  const TopicRow& row_;
  Frame frame_;
  FrameRefusal refusal_;
};

tl::unexpected<FrameRefusal> refuse_whole(std::string_view requirement, std::string reason) {
  return tl::make_unexpected(FrameRefusal{std::string(requirement), std::move(reason), {}, {}});
}

/// A whole message that is JSON, but none of a frame's.
std::string explain_no_object(const json& value) {
  std::string what = "the message is not a JSON object";
  if (value.is_array()) return what + " but an array: send each frame by itself";
  if (!value.is_string()) return what;
  const auto inside = parse_json(value.get_ref<const std::string&>());
  return inside && inside->is_object()
             ? what + " but a string that holds one, encoded twice: send the object itself"
             : what;
}

/// A whole message that looks like a ciphertext is told apart from one that is merely broken.
std::string explain_no_json(std::string_view bytes, std::string&& error) {
  constexpr std::size_t block_digits = 32;
  const bool is_cipher = !bytes.empty() && bytes.size() % block_digits == 0 && is_hex(bytes);
  if (!is_cipher) return std::move(error);
  return "the message is hex, as if the whole of it were encrypted: only Payload is, the frame "
         "around it is plain JSON";
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view space = " \t\r\n";
  const auto begin = text.find_first_not_of(space);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(space) - begin + 1);
}

/// HEX-3: a JSON string of hex digits, or the bare digits.
tl::expected<Frame, FrameRefusal> parse_hex_full(std::string_view bytes) {
  constexpr std::string_view requirement = "FRAME-1";
  bytes = trimmed(bytes);
  if (bytes.size() > JsonLimits{}.max_bytes) {
    return refuse_whole(requirement,
                        "longer than " + std::to_string(JsonLimits{}.max_bytes) + " bytes");
  }
  std::string text(bytes);
  if (bytes.starts_with('"')) {
    auto value = parse_json(bytes);
    if (!value) return refuse_whole(requirement, std::move(value.error()));
    text = std::move(value->get_ref<std::string&>());
  }
  if (bytes.starts_with('{')) {
    return refuse_whole(requirement,
                        "model/hex carries hex digits only, without the members of a frame: use "
                        "model/hex/report for a frame");
  }
  if (!is_hex(text)) {
    return refuse_whole(requirement, "model/hex carries hex digits only, without spaces or 0x");
  }
  if (text.size() % 2 != 0) {
    return refuse_whole(requirement, "an odd number of hex digits: half a byte is missing");
  }
  auto json_text = '"' + text + '"';
  return Frame{
      {}, hex_full_command, std::move(text), std::string(protocol_version), std::move(json_text)};
}

}  // namespace

tl::expected<Frame, FrameRefusal> parse_frame(std::string_view bytes, TopicName name,
                                              bool check_version) {
  if (name == TopicName::hex_full) return parse_hex_full(bytes);
  auto value = parse_json(bytes);
  if (!value) {
    auto refusal =
        refuse_whole("FRAME-1", explain_no_json(trimmed(bytes), std::move(value.error())));
    // FRAME-5: the device is told wherever its MessageId can be read, else it sends the same for
    // ever.
    auto id = find_scalar(bytes, "MessageId");
    if (is_acceptable_id(id)) refusal.value().message_id = MessageId::of_text(std::move(id));
    return refusal;
  }
  if (!value->is_object()) return refuse_whole("FRAME-1", explain_no_object(*value));
  return FrameReader(bytes, std::move(*value), row_of(name)).read(check_version);
}

std::string build_frame_of_text(const MessageId& message_id, int header_ctrl,
                                std::string_view payload) {
  std::string text = R"({"MessageId":)";
  text += message_id ? message_id.text() : "null";
  text += R"(,"HeaderCtrl":)";
  text += std::to_string(header_ctrl);
  text += R"(,"Payload":)";
  text += payload;
  text += R"(,"Version":")";
  text += protocol_version;
  text += R"("})";
  return text;
}

std::string build_frame(const MessageId& message_id, int header_ctrl, const json& payload) {
  return build_frame_of_text(message_id, header_ctrl, compact(payload));
}

std::string build_ack(const MessageId& message_id, int header_ctrl, const json* data) {
  std::string payload = R"({"Code":")";
  payload += code_success;
  payload += R"(","Msg":"SUCCESS")";
  if (data != nullptr) payload += R"(,"Data":)" + compact(*data);
  payload += '}';
  return build_frame_of_text(message_id, header_ctrl, payload);
}

std::string build_failure_ack(const MessageId& message_id, int header_ctrl,
                              std::string_view reason) {
  std::string payload = R"({"Code":")";
  payload += code_failure;
  payload += R"(","Msg":)";
  payload += compact(reason);
  payload += '}';
  return build_frame_of_text(message_id, header_ctrl, payload);
}

bool is_auth_reply(std::string_view payload) {
  const auto frame = parse_json(payload);
  if (!frame || !frame->is_object()) return false;
  const auto command = frame->find("HeaderCtrl");
  return command != frame->end() && *command == 1;
}

}  // namespace xgate::protocol
