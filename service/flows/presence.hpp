// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "link/events.hpp"
#include "service/store/rows.hpp"

namespace xgate::flows {

/// Where an event comes from: a broker, in one of its lives.
struct BrokerLife {
  std::string_view broker;
  std::string_view epoch;
};

// V2-5. Each changes `presence` and says whether it did. Sessions are numbered within a life, so
// that a takeover, whose old session ends after the new one began, leaves the device online.

/// A V2_ login. Of another broker's, the later login counts; of this broker's, the higher session.
bool came_online(store::Presence& presence, const BrokerLife& life, const link::Online& event);
/// The end of a session: only that of the session the device is in.
bool went_offline(store::Presence& presence, const BrokerLife& life, const link::Offline& event);
/// This broker is in a new life: whoever was online in another one of it is not.
void life_ended(store::Presence& presence, const BrokerLife& fresh, std::int64_t started_ms);
/// The device has subscribed in its present session, or brought subscriptions along: the topics
/// that it newly listens to, as words of Presence::listens.
std::vector<std::string> now_listens(store::Presence& presence, const BrokerLife& life,
                                     const link::Listening& event);
/// It gave filters up.
bool listens_no_more(store::Presence& presence, const BrokerLife& life,
                     const link::Listening& event);
/// TOPIC-4: whose names the topic has to which it subscribed, "section" or "table"; empty where
/// that tells nothing. `presence` as now_listens() left it.
std::string_view names_heard(const store::Presence& presence, const link::Listening& event);
/// A session that the broker says is live now: also where its end was believed.
bool is_live(store::Presence& presence, const BrokerLife& life, const link::Online& session);
/// Sessions are listed where something may have been lost, perhaps what this one subscribed to: it
/// is taken to have brought subscriptions along. What it does not listen to is then sent once, and
/// comes back as unheard. After is_live(); false: it is not the device's session.
bool may_listen(store::Presence& presence, const BrokerLife& life, std::uint64_t session);

}  // namespace xgate::flows
