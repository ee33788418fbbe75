// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "protocol/login_failures.hpp"
#include "protocol/random.hpp"
#include "protocol/siphash.hpp"

namespace xgate::download {

/// OTA-4: whoever knows a DownID may download, and a short one has 32 bits: an address that asks
/// for many that nobody has is held off. It is then answered alike whatever it asks for, with two
/// exceptions that guessing gains nothing by: a long DownID, and one whose device logged in from
/// that very address, so that a device does not suffer from who shares its address with it. Memory
/// is fixed. On one thread.
class GuessLimit {
 public:
  explicit GuessLimit(int per_hour)
      : budget_({.failures = per_hour, .window_ms = 3'600'000}, /*rows=*/1024) {}

  /// Seconds until its next guess counts; 0: what was found may be told.
  int wait_s(std::string_view address, std::string_view down_id, std::string_view device_address,
             std::int64_t now_ms) noexcept;
  /// It asked for what is not there, and was told so.
  void guessed(std::string_view address, std::int64_t now_ms) noexcept;

 private:
  std::uint64_t key(std::string_view address) const noexcept;

  const protocol::SipHash::Key secret_ = protocol::random_bytes<16>();
  protocol::PeerBudget budget_;
};

}  // namespace xgate::download
