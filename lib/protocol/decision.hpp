// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace xgate::protocol {

/// The verdict of a rule, with the requirement it rests on and one clear sentence.
/// Trivially copyable: both views point to static storage, so a decision made on the broker's
/// thread allocates nothing. `reason` names what was wrong, never a secret.
struct Decision {
  bool allow = false;
  std::string_view requirement;  ///< "V2-3", "TOPIC-7"; never empty on a refusal
  std::string_view reason;       ///< empty when allowed

  explicit operator bool() const noexcept { return allow; }
};

inline constexpr Decision allowed{true, {}, {}};
constexpr Decision refused(std::string_view requirement, std::string_view reason) noexcept {
  return {false, requirement, reason};
}

}  // namespace xgate::protocol
