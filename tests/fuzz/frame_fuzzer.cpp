// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "protocol/auth.hpp"
#include "protocol/firmware_report.hpp"
#include "protocol/frame.hpp"
#include "protocol/json.hpp"
#include "protocol/ota.hpp"
#include "protocol/payload.hpp"
#include "require.hpp"

using namespace xgate::protocol;

namespace {

void open(const Frame& frame, TopicName name, Aes& aes) {
  const std::array keys{SessionKey{2, "4655434B", 0x35, {}}, SessionKey{1, "11223344", 0x20, {}}};
  for (const bool accept_plaintext : {false, true}) {
    const PayloadContext context{true, accept_plaintext, {}, AesKey{1}, AesKey{2}, keys};
    const auto opened = open_payload(frame, name, context, aes);
    if (opened) {
      REQUIRE(opened->was_encrypted == opened->key_index.has_value());
    } else {
      REQUIRE(!opened.error().reason.empty() && opened.error().message_id == frame.message_id);
    }
  }
}

}  // namespace

/// The first byte chooses the topic, the rest is the message.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Aes aes;
  if (size == 0) return 0;
  const auto name = topic_table()[data[0] % topic_table().size()].name;
  const std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
  is_auth_reply(bytes);
  const auto frame = parse_frame(bytes, name, size % 2 == 0);
  if (!frame) {
    REQUIRE(!frame.error().requirement.empty() && !frame.error().reason.empty());
    // What can be answered is a frame again, under the number that stands in the message.
    const auto& id = frame.error().message_id;
    const auto text = build_failure_ack(id, 4, frame.error().reason);
    REQUIRE(parse_json(text, {.max_bytes = text.size()}));
    REQUIRE(!id || id.text().starts_with('"') || bytes.find(id.text()) != std::string_view::npos);
    return 0;
  }
  // The answer is a frame for the device, with the same MessageId.
  const auto answer = parse_json(build_ack(frame->message_id, frame->header_ctrl));
  REQUIRE(answer &&
          compact(answer->at("MessageId")) ==
              (frame->message_id ? compact(*parse_json(frame->message_id.text())) : "null"));
  open(*frame, name, aes);
  static_cast<void>(parse_firmware_report(*frame, frame->payload));
  if (const auto down_id = parse_ota_notify_ack(*frame, frame->payload)) {
    REQUIRE(!down_id->empty() && down_id->size() <= 64);
  }
  if (const auto request = parse_auth_request(*frame)) {
    const AuthState state{AuthState::Product{}, {}};
    decide_auth(*request, *frame, view(request->id), state);
  }
  return 0;
}
