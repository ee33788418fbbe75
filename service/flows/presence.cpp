// SPDX-License-Identifier: Apache-2.0
#include "service/flows/presence.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "protocol/listening.hpp"

namespace xgate::flows {
namespace {

/// More than the plugin tells of one session.
constexpr std::size_t longest_listens = 8192;

bool same_life(const store::Presence& presence, const BrokerLife& life) {
  return presence.broker == life.broker && presence.epoch == life.epoch;
}

/// Whether the device is known to be in a later session than this one.
bool is_overtaken(const store::Presence& presence, const BrokerLife& life,
                  const link::Online& event) {
  if (same_life(presence, life)) {
    return static_cast<std::int64_t>(event.session) < presence.session;
  }
  // Another life of the same broker: events come in order, so this one is the newer, whatever the
  // broker's clock says. Another broker: only the clocks can tell.
  return presence.broker != life.broker && presence.online_at_ms.value_or(0) > event.at_ms;
}

bool enter(store::Presence& presence, const BrokerLife& life, const link::Online& event) {
  const store::Presence before = presence;
  if (!same_life(presence, life) || presence.session != static_cast<std::int64_t>(event.session)) {
    presence.listens = " ";  // what an earlier session subscribed to is over, or taken along
    if (!event.clean_start) presence.listens += std::string(store::Presence::brought_along) + " ";
  }
  presence.online = true;
  presence.broker = life.broker;
  presence.epoch = life.epoch;
  presence.session = static_cast<std::int64_t>(event.session);
  presence.client_id = event.client_id;
  presence.address = event.address;
  presence.online_at_ms = event.at_ms;
  if (!presence.activated_at_ms) {
    presence.activated_at_ms = event.at_ms;
  }
  if (event.login_type == 1) {
    presence.last_type1_timestamp = std::max(presence.last_type1_timestamp, event.timestamp);
  }
  return presence != before;
}

}  // namespace

bool came_online(store::Presence& presence, const BrokerLife& life, const link::Online& event) {
  const bool told_before =
      same_life(presence, life) && static_cast<std::int64_t>(event.session) == presence.session;
  if (event.auth_login || told_before || is_overtaken(presence, life, event)) {
    return false;  // AUTH- says nothing about operation (AUTH-10)
  }
  return enter(presence, life, event);
}

bool went_offline(store::Presence& presence, const BrokerLife& life, const link::Offline& event) {
  if (event.auth_login || !presence.online || !same_life(presence, life) ||
      static_cast<std::int64_t>(event.session) != presence.session) {
    return false;
  }
  presence.online = false;
  presence.offline_at_ms = std::max(presence.offline_at_ms.value_or(0), event.at_ms);
  return true;
}

std::vector<std::string> now_listens(store::Presence& presence, const BrokerLife& life,
                                     const link::Listening& event) {
  std::vector<std::string> fresh;
  if (!same_life(presence, life) || presence.session != static_cast<std::int64_t>(event.session)) {
    return fresh;
  }
  for (std::string& word : protocol::command_topics_heard(event.filter)) {
    const bool fits = presence.listens.size() + word.size() < longest_listens;
    if (fits && presence.listens.find(' ' + word + ' ') == std::string::npos) {
      presence.listens += word + ' ';
      fresh.push_back(std::move(word));
    }
  }
  return fresh;
}

bool is_live(store::Presence& presence, const BrokerLife& life, const link::Online& session) {
  if (session.auth_login || is_overtaken(presence, life, session)) {
    return false;
  }
  // Where its login was never told, neither were its subscriptions.
  const bool unheard_of =
      !same_life(presence, life) || presence.session != static_cast<std::int64_t>(session.session);
  link::Online known = session;
  known.clean_start = session.clean_start && !unheard_of;
  return enter(presence, life, known);
}

}  // namespace xgate::flows
