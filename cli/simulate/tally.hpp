// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace xgate::cli {

/// How long answers took, in steps of a tenth: small however many there are.
class Latencies {
 public:
  void add(std::chrono::microseconds time) noexcept;
  /// 0 where there was none.
  double milliseconds_at(double quantile) const noexcept;

 private:
  static constexpr std::size_t steps = 256;  ///< 1.1^256 µs are half a day
  std::array<std::uint64_t, steps> counts_{};
  std::uint64_t total_ = 0;
};

/// What all devices together did and met.
struct Tally {
  std::int64_t devices = 0;
  std::int64_t connected = 0;   ///< logged in with V2_, now
  std::int64_t logins = 0;      ///< accepted V2_ logins
  std::int64_t sent = 0;        ///< messages that want an ack, each once
  std::int64_t resent = 0;      ///< the same again, for want of one
  std::int64_t acked = 0;       ///< with the Code that was expected
  std::int64_t refused = 0;     ///< with another
  std::int64_t unanswered = 0;  ///< after every try, or when the end came
  std::int64_t commands = 0;    ///< received, each once
  std::int64_t repeated = 0;    ///< received again
  std::int64_t answered = 0;    ///< commands that were answered as the scenario wants
  std::int64_t lost = 0;        ///< connections that broke
  std::int64_t away = 0;        ///< devices that found nobody there, and try again
  std::int64_t given_up = 0;    ///< devices that could not log in
  std::int64_t not_begun = 0;   ///< devices whose first login was still to come at the end
  std::int64_t never_in = 0;    ///< devices that had begun and were in no V2_ session until the end
  std::int64_t away_at_end = 0;  ///< devices whose session broke, or that did not come back
  std::int64_t downloads = 0;    ///< firmware images that came whole
  std::int64_t upgraded = 0;     ///< devices that came back with the new version
  std::int64_t key_updates = 0;  ///< Command 3 (KEY-1)
  std::int64_t faults = 0;       ///< of the platform, those above included
  std::string away_reason;       ///< of the last connection that broke
  Latencies latencies;

  bool as_the_protocol_wants() const noexcept {
    return faults == 0 && refused == 0 && unanswered == 0 && given_up == 0 && never_in == 0 &&
           away_at_end == 0;
  }
};

}  // namespace xgate::cli
