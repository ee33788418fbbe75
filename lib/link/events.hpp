// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <tl/expected.hpp>

#include "link/limits.hpp"
#include "protocol/identity.hpp"

// What the plugin tells the service. Every time is Unix milliseconds of the broker's clock.
namespace xgate::link {

/// A login that was accepted. `session` numbers the broker's logins within an epoch, from 1.
struct Online {
  std::uint64_t session = 0;
  protocol::Identity device;
  bool auth_login = false;  ///< AUTH-: says nothing about the device being in operation
  std::string client_id;    ///< as the device sent it
  std::string address;
  bool clean_start = false;  ///< it brought no subscriptions of an earlier session along
  int login_type = 0;        ///< V2_'s type
  std::int64_t timestamp = 0;
  std::int64_t at_ms = 0;
};

struct Offline {
  std::uint64_t session = 0;
  protocol::Identity device;
  bool auth_login = false;
  std::int64_t at_ms = 0;
  /// Of an AUTH- login whose session the broker keeps, which is of no use to anybody: the client id
  /// under which it does. Else empty.
  std::string kept = {};
};

/// What a session listens to, of the topics that commands go to. Neither `filter` nor `given_up`:
/// it resumed a session that has subscriptions, the broker does not say which.
struct Listening {
  std::uint64_t session = 0;
  protocol::Identity device;
  /// It has subscribed: what follows "T/" in the filter: "downlink", "+". Once a session and
  /// filter, and again after the filter was given up, or a command went unheard.
  std::string filter = {};
  /// It does not listen to these topics (any more): words of protocol::command_topics_heard(), each
  /// after a space, and a space at the end.
  std::string given_up = {};
  /// By what that was found: this command came to the broker for this session, which has no
  /// subscription for it, or is over; nobody got it. 0: by UNSUBSCRIBE. Without `given_up`: told
  /// again, behind the list of live sessions in which its session stands.
  std::int64_t unheard = 0;
  /// Resumed: some of the few messages that the client takes unacknowledged (Receive Maximum) are
  /// used up as long as the session lasts. Only what goes out at QoS 0 is sure to get through.
  bool short_of_places = false;
};

/// DOWN-1: the broker dropped a message to the device, for it is larger than the Maximum Packet
/// Size that the device named when it connected (MQTT 5).
struct TooLarge {
  protocol::Identity device;
  std::int64_t bytes = 0;  ///< of the packet, without its fixed header
  std::int64_t at_ms = 0;
};

/// Something was refused (V2-6). For a login `device` is what the client claimed to be, as far as
/// it could be read, and `password` what it sent, for the explanation (TRACE-1): never to be
/// logged.
struct Refused {
  enum class What : std::uint8_t { login, publish, subscribe, will };
  What what = What::login;
  protocol::Identity device;
  std::string client_id;
  std::string username;
  std::string address;
  std::string topic;
  std::string requirement;
  std::string reason;
  std::string password;
  std::int64_t at_ms = 0;
  /// Of a login that came too early after too many failures: the requirement by which it would have
  /// been refused anyway; empty: it would have been accepted, or it was not looked at.
  std::string also = {};
  /// Milliseconds until this login counts again; 0: the next one counts.
  std::int64_t wait_ms = 0;
};

std::string_view to_string(Refused::What what) noexcept;  ///< "login"

/// Refusals that were not told one by one, because a client made too many of them.
struct RefusalsDropped {
  std::uint64_t count = 0;
};

/// Part of the answer to a Sync command: the V2_ sessions that are live now. Sessions that began
/// at or before `up_to_session` and are in no part are over. Parts come in order, `last` ends them.
struct LiveSessions {
  std::uint64_t sync = 0;
  std::uint64_t up_to_session = 0;
  bool last = false;
  std::uint64_t part = 0;  ///< counted from 1; 0: an older plugin does not count
  std::vector<Online> sessions;
};

using Event =
    std::variant<Online, Offline, Listening, TooLarge, Refused, RefusalsDropped, LiveSessions>;

/// One message on events_topic. `epoch` is new at every start of the broker: whoever was online
/// under another epoch of this broker is offline. `sequence` counts the batches of an epoch.
struct EventBatch {
  std::string broker;
  std::string epoch;
  std::int64_t epoch_started_ms = 0;
  std::uint64_t sequence = 0;
  /// The plugin reads topics with an address (address.hpp); an older one does not.
  bool reads_addresses = false;
  std::vector<Event> events = {};
  /// What was put into the service's queue before this batch, in this life of the broker; batches
  /// count.
  bool counts_queue = false;  ///< an older plugin does not
  std::uint64_t queued_messages = 0;
  std::uint64_t queued_bytes = 0;
  /// How often each limit was exceeded, in this life of the broker (LIMIT-n).
  LimitCounts exceeded{};
};

std::string encode(const EventBatch& batch);  ///< JSON; invalid UTF-8 from clients is replaced
/// The same of a batch whose events lie elsewhere; its own are left out.
std::string encode(const EventBatch& head, std::span<const Event> events);
tl::expected<EventBatch, std::string> decode_events(std::string_view json);

}  // namespace xgate::link
