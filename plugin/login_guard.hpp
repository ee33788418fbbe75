// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "protocol/identity.hpp"
#include "protocol/login_failures.hpp"
#include "protocol/peer_address.hpp"
#include "protocol/random.hpp"
#include "protocol/siphash.hpp"

namespace xgate::plugin {

/// V2-6: who fails again and again has to wait. Failures count by what is being guessed (a device's
/// secret, a ProductKey, an account's password) and the address, and by the address alone, for who
/// tries many identities. An address may be shared (NAT, a proxy), so a wait must not be a weapon
/// against whoever else is there: a device's secret and a ProductKey are 128 bits, which nobody
/// finds by trying, and whoever proves one is let in whatever others did. Guesses wait. An
/// account's password is a person's choice: there the wait counts for the right one too.
class LoginGuard {
 public:
  struct Rules {
    protocol::LoginBackoff::Rule backoff;
    protocol::PeerBudget::Rule peer;
  };
  explicit LoginGuard(const Rules& rules);

  /// One login, as it is counted.
  struct Attempt {
    std::uint64_t identity = 0;
    std::uint64_t peer = 0;
    bool peer_counts = true;
    bool right_waits = false;  ///< while it waits the right password is refused, too
  };
  /// Who changes the device or its product, changes what is being guessed: nothing is held against
  /// a device that an operator has just registered, reset, enabled or given another key. `revision`
  /// is its row's, 0 where there is none.
  Attempt device(const protocol::IdentityView& id, std::string_view product_key,
                 std::int64_t revision, std::string_view address) const noexcept;
  Attempt auth(const protocol::IdentityView& id, std::string_view product_key,
               std::string_view address) const noexcept;
  /// The platform's own accounts are not held up by what others do at their address. Their
  /// passwords may be guessed, and are dear to check.
  Attempt account(std::string_view name, std::string_view address) const noexcept;
  /// Whoever is neither a device nor an account that may log in from there.
  Attempt stranger(std::string_view name, std::string_view address) const noexcept;

  struct Wait {
    std::int64_t ms = 0;  ///< 0: this login counts
    int failures = 0;     ///< 0: it is the address that has too many, whoever made them
  };
  Wait wait(const Attempt& attempt, std::int64_t now_ms) noexcept;
  /// A wrong password, or nobody knows him. What is to be waited from now on.
  Wait failed(const Attempt& attempt, std::int64_t now_ms) noexcept;
  /// Clears what was got wrong before, but no wait that lasts: those guesses are somebody else's.
  void succeeded(const Attempt& attempt, std::int64_t now_ms) noexcept;
  /// Nothing is held against this device any more, at no address, registered or not.
  void forgive(std::string_view product_id, std::string_view node_eui) noexcept;
  void forget_all() noexcept;

 private:
  std::size_t place_of(std::string_view product_id, std::string_view node_eui) const noexcept;
  std::uint64_t peer_key(const protocol::Peer& peer) const noexcept;

  const protocol::SipHash::Key key_ = protocol::random_bytes<16>();
  protocol::LoginBackoff backoff_;
  protocol::PeerBudget peers_;
  /// How often devices of each place were forgiven: part of what failures count by. Some share a
  /// place and are forgiven together; memory never grows.
  std::array<std::uint64_t, 4096> forgiven_{};
};

}  // namespace xgate::plugin
