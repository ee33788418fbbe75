// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/auth.hpp"
#include "protocol/frame.hpp"
#include "service/store/registrations.hpp"
#include "service/store/rows.hpp"

namespace xgate::flows {

/// A message on /sys/device/auth, with the identity that the broker stamped on it (AUTH-4).
struct AuthMessage {
  protocol::IdentityView login;
  std::string_view bytes;
};

/// What an auth message asks for, as far as it could be read.
struct AuthAsked {
  protocol::Frame frame;
  protocol::AuthRequest request;
};
tl::expected<AuthAsked, protocol::FrameRefusal> read_auth(const AuthMessage& message);

/// AUTH-3…11 from what is stored. Where the verdict says `register_device`, the device is stored
/// first and this is asked again, with whatever then stands in the store: of two who register the
/// same device, one wins and both are told its secret (AUTH-7).
protocol::AuthVerdict judge_auth(const AuthMessage& message, const AuthAsked& asked,
                                 const store::Product* product, const store::Device* device);

/// Whoever has the ProductKey is told a device's secret (types 0 and 1), as the protocol wants it.
/// A sentence where a good request may have been somebody else's: the device is online, or was
/// activated and last logged in from elsewhere. Empty where nothing speaks for that.
std::string doubt_about_asker(std::string_view address, const store::Device& device);

/// AUTH-7: the verdict on a device that was not registered, for its product had no room left.
struct RegistrationRefusal {
  enum class Limit : std::uint8_t { quota, rate };
  Limit limit = Limit::quota;
  protocol::AuthVerdict verdict;
};
RegistrationRefusal refuse_registration(const store::RegistrationRoom& room);

/// The reply for T/downlink once everything in it is stored (AUTH-9). `device` and `seed` are
/// used only as far as the verdict reveals them.
std::string auth_reply(const AuthAsked& asked, const protocol::AuthVerdict& verdict,
                       const store::Device* device, const protocol::SessionKeySeed* seed);

/// Code 1 where the message can be read and the database cannot; empty where there is nobody to
/// answer (FRAME-5).
std::optional<std::string> busy_reply(const AuthMessage& message);

}  // namespace xgate::flows
