// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <mutex>
#include <string_view>

#include "protocol/login_failures.hpp"
#include "protocol/random.hpp"
#include "protocol/siphash.hpp"
#include "service/observe/metrics.hpp"

namespace xgate::observe {

/// Who runs into a limit: each time is counted, and the log hears of an address once a minute. From
/// any thread; memory is fixed, and so is what a flood from many addresses can write.
class Limits {
 public:
  explicit Limits(Metrics& metrics) : metrics_(metrics) {}

  /// `sentence`: what is used up, and by which setting.
  void refused(Limit limit, std::string_view address, std::string_view sentence);

 private:
  Metrics& metrics_;
  std::mutex mutex_;
  const protocol::SipHash::Key key_ = protocol::random_bytes<16>();
  protocol::PeerBudget told_{{.failures = 1, .window_ms = 60'000}, /*rows=*/32};
};

}  // namespace xgate::observe
