// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "protocol/decision.hpp"
#include "protocol/identity.hpp"

namespace xgate::protocol {

enum class Role : std::uint8_t {
  auth,    ///< an AUTH- login: may only ask for its secret (AUTH-2)
  device,  ///< a V2_ login
};

/// What one logged-in client may do. Made once at login, then only read.
class Rights {
 public:
  /// `may_ask_auth`: a V2_ login of an encrypted or type-2 product may use /sys/device/auth
  /// (TOPIC-2). `allow_hash`: the product setting that permits `T/#` (section 4).
  Rights(Role role, const IdentityView& id, bool may_ask_auth, bool allow_hash);

  Role role() const noexcept { return role_; }
  const Identity& identity() const noexcept { return identity_; }

  // The three questions a broker asks. None allocates. Refusals carry TOPIC-n, for another device's
  // topic too, or AUTH-2; "TOPIC" where the topic is of no row of section 4.
  Decision may_publish(std::string_view topic) const noexcept;
  /// `filter` as sent: $share/… is taken apart, and refused for every device.
  Decision may_subscribe(std::string_view filter) const noexcept;
  /// Whatever was subscribed, only topics of the subscribe column are delivered. For an AUTH-
  /// login also only auth replies: see is_auth_reply() in frame.hpp, asked by the caller with
  /// the payload when this returns `allowed` and role() is auth.
  Decision may_receive(std::string_view topic) const noexcept;

 private:
  Role role_;
  bool may_ask_auth_;
  bool allow_hash_;
  Identity identity_;
  std::string root_;  ///< "/sys/O/P/N/"
};

}  // namespace xgate::protocol
