// SPDX-License-Identifier: Apache-2.0
// What an application asks for becomes a Payload that is JSON; what a device acks never throws; and
// a filter covers what its words say.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "protocol/command_payload.hpp"
#include "protocol/json.hpp"
#include "protocol/listening.hpp"
#include "require.hpp"

using namespace xgate::protocol;

namespace {

void ask_for(const nlohmann::json& value) {
  for (const auto kind : {CommandKind::down, CommandKind::set, CommandKind::ask, CommandKind::call,
                          CommandKind::config_get, CommandKind::config_set}) {
    nlohmann::json request = value;
    if (!request.is_object()) request = {{"data", value}, {"settings", value}};
    if (kind == CommandKind::set && !request["params"].is_object()) continue;  // as the API sees to
    constexpr JsonLimits grown{.max_bytes = std::size_t{1} << 20U, .max_depth = 40};
    REQUIRE(parse_json(command_payload(kind, "switch", request), grown));
    REQUIRE(parse_json(script_input(kind, "switch", request, first_command_message_id), grown));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  REQUIRE(hears_commands(text) == !command_topics_heard(text).empty());
  const auto value = parse_json(text);
  if (!value) return 0;
  if (const auto ack = parse_command_ack(*value)) {
    REQUIRE(!ack->code.empty() && ack->code.size() <= 64);
  }
  if (const auto id = command_message_id(MessageId::of_text(compact(*value)))) {
    REQUIRE(*id >= first_command_message_id && *id <= last_command_message_id);
  }
  ask_for(*value);
  return 0;
}
