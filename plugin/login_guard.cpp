// SPDX-License-Identifier: Apache-2.0
#include "plugin/login_guard.hpp"

namespace xgate::plugin {

using protocol::Peer;
using protocol::SipHash;

LoginGuard::LoginGuard(const Rules& rules) : backoff_(rules.backoff), peers_(rules.peer) {}

std::uint64_t LoginGuard::peer_key(const Peer& peer) const noexcept {
  return (SipHash(key_) << peer.bytes()).value();
}

LoginGuard::Attempt LoginGuard::device(const protocol::IdentityView& id,
                                       std::string_view product_key, std::int64_t revision,
                                       std::string_view address) const noexcept {
  const auto peer = Peer::of(address);
  SipHash hash(key_);
  hash << "V2" << id.product_id << id.node_eui << product_key
       << static_cast<std::uint64_t>(revision) << forgiven_[place_of(id.product_id, id.node_eui)]
       << peer.bytes();
  return {hash.value(), peer_key(peer)};
}

LoginGuard::Attempt LoginGuard::auth(const protocol::IdentityView& id, std::string_view product_key,
                                     std::string_view address) const noexcept {
  const auto peer = Peer::of(address);
  SipHash hash(key_);
  hash << "AUTH" << id.product_id << id.node_eui << product_key
       << forgiven_[place_of(id.product_id, id.node_eui)] << peer.bytes();
  return {hash.value(), peer_key(peer)};
}

LoginGuard::Attempt LoginGuard::account(std::string_view name,
                                        std::string_view address) const noexcept {
  const auto peer = Peer::of(address);
  SipHash hash(key_);
  hash << "account" << name << peer.bytes();
  return {hash.value(), peer_key(peer), false, true};
}

LoginGuard::Attempt LoginGuard::stranger(std::string_view name,
                                         std::string_view address) const noexcept {
  const auto peer = Peer::of(address);
  SipHash hash(key_);
  hash << "stranger" << name << peer.bytes();
  return {hash.value(), peer_key(peer), true, true};
}

LoginGuard::Wait LoginGuard::wait(const Attempt& attempt, std::int64_t now_ms) noexcept {
  const auto own = backoff_.standing(attempt.identity, now_ms);
  if (own.wait_ms > 0) return {own.wait_ms, own.failures};
  if (!attempt.peer_counts) return {};
  return {peers_.wait(attempt.peer, now_ms), 0};
}

LoginGuard::Wait LoginGuard::failed(const Attempt& attempt, std::int64_t now_ms) noexcept {
  peers_.failed(attempt.peer, now_ms);
  const auto own = backoff_.failed(attempt.identity, now_ms);
  return {own.wait_ms, own.failures};
}

void LoginGuard::succeeded(const Attempt& attempt, std::int64_t now_ms) noexcept {
  if (backoff_.standing(attempt.identity, now_ms).wait_ms == 0) {
    backoff_.succeeded(attempt.identity);
  }
}

std::size_t LoginGuard::place_of(std::string_view product_id,
                                 std::string_view node_eui) const noexcept {
  return (SipHash(key_) << "forgiven" << product_id << node_eui).value() % forgiven_.size();
}

void LoginGuard::forgive(std::string_view product_id, std::string_view node_eui) noexcept {
  ++forgiven_[place_of(product_id, node_eui)];
}

void LoginGuard::forget_all() noexcept {
  backoff_.clear();
  peers_.clear();
}

}  // namespace xgate::plugin
