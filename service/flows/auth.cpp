// SPDX-License-Identifier: Apache-2.0
#include "service/flows/auth.hpp"

#include <utility>

#include "protocol/peer_address.hpp"

namespace xgate::flows {

tl::expected<AuthAsked, protocol::FrameRefusal> read_auth(const AuthMessage& message) {
  // Version is left to the verdict: a wrong one is answered with Code 6, not with 4001 (AUTH-6).
  auto frame = protocol::parse_frame(message.bytes, protocol::TopicName::auth, false);
  if (!frame) {
    return tl::unexpected(std::move(frame.error()));
  }
  auto request = protocol::parse_auth_request(*frame);
  if (!request) {
    return tl::unexpected(std::move(request.error()));
  }
  return AuthAsked{std::move(*frame), std::move(*request)};
}

protocol::AuthVerdict judge_auth(const AuthMessage& message, const AuthAsked& asked,
                                 const store::Product* product, const store::Device* device) {
  protocol::AuthState state;
  if (product != nullptr) {
    state.product = protocol::AuthState::Product{
        .open_id = product->open_id,
        .auth_type = product->auth_type,
        .enabled = product->enabled,
        .encrypted = product->encrypted,
        .version = product->version,
        .reauth = product->reauth,
        .reveal_device_secret = product->reveal_device_secret,
    };
  }
  if (device != nullptr) {
    state.device =
        protocol::AuthState::Device{.enabled = device->enabled, .activated = device->activated};
  }
  return protocol::decide_auth(asked.request, asked.frame, message.login, state);
}

std::string doubt_about_asker(std::string_view address, const store::Device& device) {
  if (address.empty() || device.address.empty()) return {};
  const std::string from = "authenticated from " + std::string(address);
  if (device.online) {
    return from + " while it is online from " + device.address +
           ": it started again without a word, or somebody else has the ProductKey";
  }
  if (!device.activated || protocol::Peer::of(address) == protocol::Peer::of(device.address)) {
    return {};
  }
  return from + ", and logged in last from " + device.address +
         ": it has moved, or somebody else has the ProductKey";
}

RegistrationRefusal refuse_registration(const store::RegistrationRoom& room) {
  RegistrationRefusal refusal;
  refusal.verdict.requirement = "AUTH-7";
  // Where both are used up, waiting does not help.
  if (!room.rate_per_minute || room.by_quota() <= room.by_rate) {
    refusal.verdict.code = protocol::AuthCode::device_refused;
    refusal.verdict.reason =
        "the product's registration_quota of " + std::to_string(room.quota.value_or(0)) +
        " devices that register themselves is used up: raise it, delete devices, or register this "
        "one on the platform; a number that surprises means that the ProductKey has leaked";
    return refusal;
  }
  refusal.limit = RegistrationRefusal::Limit::rate;
  refusal.verdict.code = protocol::AuthCode::busy;
  refusal.verdict.reason =
      "more devices of the product want to register themselves than its "
      "registration_rate_per_minute of " +
      std::to_string(*room.rate_per_minute) + " allows: the device may ask again";
  return refusal;
}

std::string auth_reply(const AuthAsked& asked, const protocol::AuthVerdict& verdict,
                       const store::Device* device, const protocol::SessionKeySeed* seed) {
  const bool good = verdict.code == protocol::AuthCode::success;
  const std::string* secret =
      good && verdict.reveal_device_secret && device != nullptr ? &device->device_secret : nullptr;
  // decide_auth gives Random back only with Code 2; build_auth_reply leaves out what is null.
  const nlohmann::json* random =
      verdict.code == protocol::AuthCode::product_not_registered && asked.request.random
          ? &*asked.request.random
          : nullptr;
  return protocol::build_auth_reply(asked.frame.message_id, verdict.code, secret,
                                    good ? seed : nullptr, random);
}

std::optional<std::string> busy_reply(const AuthMessage& message) {
  const auto frame = protocol::parse_frame(message.bytes, protocol::TopicName::auth, false);
  if (frame) {
    return protocol::build_auth_reply(frame->message_id, protocol::AuthCode::busy, nullptr, nullptr,
                                      nullptr);
  }
  if (frame.error().message_id) {
    return protocol::build_auth_reply(frame.error().message_id, protocol::AuthCode::busy, nullptr,
                                      nullptr, nullptr);
  }
  return std::nullopt;
}

}  // namespace xgate::flows
