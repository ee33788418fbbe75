// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

namespace xgate::plugin {

/// So many at once, then so many a second.
class TokenBucket {
 public:
  struct Rate {
    double burst;
    double per_second;
  };

  /// False: there are not so many, and none is taken.
  bool take(const Rate& rate, std::int64_t now_ms, double amount = 1) noexcept {
    const auto passed = static_cast<double>(std::max<std::int64_t>(now_ms - at_ms_, 0));
    used_ = std::max(0.0, used_ - passed / 1000 * rate.per_second);
    at_ms_ = now_ms;
    if (used_ + amount > rate.burst) return false;
    used_ += amount;
    return true;
  }

 private:
  double used_ = 0;  ///< of what may be taken at once, so that a new rate holds at once
  std::int64_t at_ms_ = 0;
};

/// How many refusals are told one by one: enough for any device under test, too few for anybody to
/// flood the log and the service with. Who exceeds an own share leaves the others' theirs.
class RefusalBudget {
 public:
  /// By address, for logins: nothing else of a stranger is his.
  bool take_login(std::string_view address, std::int64_t now_ms) noexcept {
    auto& bucket = addresses_[std::hash<std::string_view>{}(address) % addresses_.size()];
    return bucket.take(one_address, now_ms) && all_.take(everybody, now_ms);
  }
  bool take_session(TokenBucket& session, std::int64_t now_ms) noexcept {
    return session.take(one_session, now_ms) && all_.take(everybody, now_ms);
  }

 private:
  static constexpr TokenBucket::Rate one_address{200, 20};
  static constexpr TokenBucket::Rate one_session{20, 1};
  static constexpr TokenBucket::Rate everybody{2000, 200};
  std::array<TokenBucket, 256> addresses_{};
  TokenBucket all_;
};

}  // namespace xgate::plugin
