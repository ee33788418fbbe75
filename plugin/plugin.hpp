// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "directory/directory.hpp"
#include "directory/exchange.hpp"
#include "directory/loader.hpp"
#include "plugin/accounts.hpp"
#include "plugin/heartbeat.hpp"
#include "plugin/limits.hpp"
#include "plugin/login_guard.hpp"
#include "plugin/options.hpp"
#include "plugin/outbox.hpp"
#include "plugin/sessions.hpp"
#include "protocol/aes.hpp"
#include "protocol/identity.hpp"
#include "protocol/topic.hpp"

namespace xgate::plugin {

struct Clock {
  std::int64_t (*unix_ms)() noexcept;
  directory::Moment (*steady)() noexcept;
};
extern const Clock system_clock;

/// Live sessions that must be judged again because the directory changed: a few at once, all of
/// them in the course of several TICKs.
struct Revocation {
  std::vector<directory::DeviceKey> devices;
  bool everybody = false;
  std::uint64_t cursor = 0;  ///< number of the last session that was judged
  /// A change in the middle of a round does not start it anew (many changes would starve the last
  /// sessions): it ends where the cursor stood, once around.
  std::uint64_t end = 0;
  bool wrapped = false;

  void judge_everybody() noexcept {
    everybody = true;
    end = cursor;
    wrapped = false;
  }
};

/// The answer to a Sync command, given over several TICKs.
struct SyncAnswer {
  std::uint64_t sync = 0;
  std::uint64_t up_to_session = 0;
  std::uint64_t cursor = 0;
  std::uint64_t parts = 0;
};

/// A publish of the service's that passed MESSAGE, and is for one session. The broker hands it to
/// whoever subscribed before it calls anything but READ again.
struct Delivery {
  const void* payload = nullptr;  ///< by which READ knows it; null: none is under way
  protocol::Identity device;
  protocol::TopicName topic = protocol::TopicName::downlink;
  std::string identifier;
  std::uint64_t session = 0;
  std::int64_t command_id = 0;
  bool taken = false;
};

/// Everything that a loaded plugin has. All of it belongs to the broker's thread; the loader's
/// reaches only the exchange.
struct Plugin {
  Plugin(Options options, Accounts accounts, const Clock& clock);

  Options options;
  Clock clock;
  std::string last_dropped;  ///< the broker's notice of a message that was too large for its client
  const Client* last_dropped_asked = nullptr;  ///< for whom the broker asked about it
  Accounts accounts;
  directory::Exchange exchange;
  directory::Directory directory{exchange};
  std::unique_ptr<directory::Loader> loader;  ///< none in unit tests
  Sessions sessions;
  LoginMarks marks;
  LoginGuard guard{options.login_rules};
  Limits limits;
  Outbox outbox;
  Heartbeat heartbeat;
  protocol::Aes aes;

  Revocation revocation;
  std::vector<directory::DeviceKey> kicks;  ///< asked for by an operator
  std::optional<SyncAnswer> sync_answer;
  std::vector<std::uint64_t> just_begun;  ///< sessions that may have resumed a stored one

  Delivery delivery;
  /// From its BASIC_AUTH until the broker reads on: who was just let in. What READ is asked about
  /// for it meanwhile is what the broker stored.
  const Client* resuming = nullptr;
  std::vector<std::uint64_t> exceeding;  ///< sessions that end for it, at the next TICK
  /// A message that passed WRITE is for the service to refuse, for this.
  std::optional<link::Exceeded> to_refuse;
  std::vector<std::uint64_t> replaced;  ///< sessions of devices that were registered anew

  directory::Moment started;
  bool ticked = false;
  std::uint64_t rounds = 1;  ///< of the broker's loop, from TICK to TICK
  /// From RELOAD to the TICK after it, the broker runs BASIC_AUTH for whoever is known already.
  bool reloading = false;
  /// Whose login was refused last: his end, which comes next, tells nothing new.
  const Client* refused = nullptr;
  /// A message that needs a stamp passed WRITE and was not stamped yet: were it a will, it never
  /// would be (access.cpp).
  bool unstamped = false;
};

/// Milliseconds of a clock that never goes back.
std::int64_t steady_ms(const Plugin& plugin) noexcept;

/// Says where nobody took what was delivered last; every callback but READ begins with it.
void end_delivery(Plugin& plugin);

/// Takes over what the loader found, and notes who must be judged again.
void adopt_directory(Plugin& plugin);

}  // namespace xgate::plugin
