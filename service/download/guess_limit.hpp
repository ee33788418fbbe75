// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "protocol/login_failures.hpp"
#include "protocol/random.hpp"
#include "protocol/siphash.hpp"

namespace xgate::download {

/// OTA-4: whoever knows a DownID may download, and a short one has 32 bits: an address that asks
/// for many that nobody has is held off, and so is everybody once all have asked for a hundred
/// times as many, for addresses are cheap (an IPv6 /48 has 65,536 networks). It is then answered
/// alike whatever it asks for, with two exceptions: a long DownID, and one whose device logged in
/// from that very address, so that a device does not suffer from who shares its address with it.
/// By the second one can still guess, behind a router with many devices: it ends after a hundred
/// times as many misses, too. Memory is fixed. On one thread.
class GuessLimit {
 public:
  explicit GuessLimit(int per_hour)
      : address_(rule(per_hour), /*rows=*/1024),
        shared_address_(rule(per_hour * wider), /*rows=*/1024),
        everybody_(rule(per_hour * wider), /*rows=*/1) {}

  /// Seconds until its next guess counts; 0: what was found may be told.
  int wait_s(std::string_view address, std::string_view down_id, std::string_view device_address,
             std::int64_t now_ms) noexcept;
  /// It asked for what is not there, and was told so.
  void guessed(std::string_view address, std::int64_t now_ms) noexcept;

 private:
  static constexpr int wider = 100;
  static constexpr std::uint64_t all = 0;  ///< the one key of everybody_
  static protocol::PeerBudget::Rule rule(int per_hour) noexcept {
    return {.failures = per_hour, .window_ms = 3'600'000};
  }
  std::uint64_t key(std::string_view address) const noexcept;

  const protocol::SipHash::Key secret_ = protocol::random_bytes<16>();
  protocol::PeerBudget address_;
  protocol::PeerBudget shared_address_;  ///< what it asked for in vain while it was held off
  protocol::PeerBudget everybody_;
};

}  // namespace xgate::download
