// SPDX-License-Identifier: Apache-2.0
#include "service/observe/limits.hpp"

#include <chrono>

#include "protocol/peer_address.hpp"
#include "service/observe/log.hpp"

namespace xgate::observe {

void Limits::refused(Limit limit, std::string_view address, std::string_view sentence) {
  metrics_.limit_exceeded(to_string(limit)).Increment();
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  const auto now_ms = std::chrono::duration_cast<std::chrono::milliseconds>(since).count();
  const auto peer = protocol::Peer::of(address);
  const auto key = (protocol::SipHash(key_) << to_string(limit) << peer.bytes()).value();
  {
    const std::lock_guard lock(mutex_);
    if (told_.wait(key, now_ms) > 0) return;
    told_.failed(key, now_ms);
  }
  warn("{}: {}: {}; told once a minute", Words(to_string(limit)), Words(address), Words(sentence));
}

}  // namespace xgate::observe
