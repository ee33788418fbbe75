// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "protocol/access.hpp"
#include "protocol/topic.hpp"
#include "require.hpp"

using namespace xgate::protocol;

namespace {

void judge(std::string_view topic) {
  constexpr IdentityView id{"7ED01E2A", "AA30C505", "20MQTTJ000121"};
  static const Rights device(Role::device, id, true, true);
  static const Rights auth(Role::auth, id, false, false);
  for (const auto* rights : {&device, &auth}) {
    for (const auto& decision :
         {rights->may_publish(topic), rights->may_subscribe(topic), rights->may_receive(topic)}) {
      REQUIRE(decision.allow == decision.reason.empty());
    }
    if (!rights->may_publish(topic).allow && !rights->may_receive(topic).allow) continue;
    // Nothing is allowed but the client's own rows, each in one direction.
    REQUIRE(!rights->may_publish(topic).allow || !rights->may_receive(topic).allow);
    const auto match = parse_topic(topic);
    REQUIRE(match && (match->name == TopicName::auth || match->device == id));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view topic(reinterpret_cast<const char*>(data), size);
  judge(topic);
  judge("/sys/7ED01E2A/AA30C505/20MQTTJ000121/" + std::string(topic));
  if (const auto match = parse_topic(topic)) {
    REQUIRE(build_topic(match->name, match->device, match->identifier) == topic);
  }
  match_filter_suffix(topic);
  parse_device_name(topic);
  return 0;
}
