// SPDX-License-Identifier: Apache-2.0
#include "service/download/guess_limit.hpp"

#include <algorithm>

#include "protocol/peer_address.hpp"

namespace xgate::download {
namespace {

constexpr std::size_t longest_guessable = 15;  ///< digits: 60 bits are nobody's luck

}  // namespace

int GuessLimit::wait_s(std::string_view address, std::string_view down_id,
                       std::string_view device_address, std::int64_t now_ms) noexcept {
  if (down_id.size() > longest_guessable) return 0;
  const auto peer = key(address);
  const auto wait_ms = std::max(address_.wait(peer, now_ms), everybody_.wait(all, now_ms));
  if (wait_ms == 0) return 0;
  const bool is_its_own =
      !device_address.empty() && protocol::Peer::of(address) == protocol::Peer::of(device_address);
  if (!is_its_own) {
    shared_address_.failed(peer, now_ms);
  } else if (shared_address_.wait(peer, now_ms) == 0) {
    return 0;
  }
  return static_cast<int>((wait_ms + 999) / 1000);
}

void GuessLimit::guessed(std::string_view address, std::int64_t now_ms) noexcept {
  address_.failed(key(address), now_ms);
  everybody_.failed(all, now_ms);
}

std::uint64_t GuessLimit::key(std::string_view address) const noexcept {
  const auto peer = protocol::Peer::of(address);
  return (protocol::SipHash(secret_) << peer.bytes()).value();
}

}  // namespace xgate::download
