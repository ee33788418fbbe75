// SPDX-License-Identifier: Apache-2.0
#include "protocol/command_waiting.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace xgate::protocol {
namespace {

struct Wait {
  WaitingFor what;
  std::string_view word;
  std::string_view waiting;
  std::string_view expired;
};

// clang-format off
// That of the subscription goes on with the topic.
constexpr std::array waits{
    Wait{WaitingFor::vendor_enabled, "vendor_enabled",
        "the vendor is disabled",
        "it was not sent before its time to live was over: the vendor was disabled"},
    Wait{WaitingFor::product_enabled, "product_enabled",
        "the product is disabled",
        "it was not sent before its time to live was over: the product was disabled"},
    Wait{WaitingFor::device_enabled, "device_enabled",
        "the device is disabled",
        "it was not sent before its time to live was over: the device was disabled"},
    Wait{WaitingFor::online, "online",
        "the device is offline",
        "the device was not online before its time to live was over"},
    Wait{WaitingFor::subscription, "subscription",
        "the device has not subscribed to ",
        "the device was online, but did not subscribe in time to "},
    Wait{WaitingFor::session_key, "session_key",
        "the device has no session key to encrypt it with: it has to authenticate and log in again (AUTH-3)",
        "the device was online, but had no session key to encrypt it with (AUTH-3)"},
    Wait{WaitingFor::broker, "broker",
        "",
        "the broker did not take it before its time to live was over"},
    Wait{WaitingFor::answer, "answer",
        "",
        "the device did not answer in time"},
};
// clang-format on

std::string naming_topic(WaitingFor what, std::string_view sentence, std::string_view topic) {
  std::string whole(sentence);
  if (what == WaitingFor::subscription) whole += topic;
  return whole;
}

const Wait& wait_for(WaitingFor what) noexcept { return waits.at(static_cast<std::size_t>(what)); }

}  // namespace

std::string_view to_string(WaitingFor what) noexcept { return wait_for(what).word; }

std::optional<WaitingFor> waiting_for_from(std::string_view text) noexcept {
  const auto* const found = std::ranges::find(waits, text, &Wait::word);
  return found == waits.end() ? std::nullopt : std::optional(found->what);
}

std::string why_waiting(WaitingFor what, std::string_view topic) {
  return naming_topic(what, wait_for(what).waiting, topic);
}

std::string why_expired(WaitingFor what, std::string_view topic, bool received) {
  if (what == WaitingFor::answer && received) {
    return "the device said that it had it, and gave no result in time";
  }
  return naming_topic(what, wait_for(what).expired, topic);
}

}  // namespace xgate::protocol
