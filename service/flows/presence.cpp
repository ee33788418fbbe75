// SPDX-License-Identifier: Apache-2.0
#include "service/flows/presence.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "protocol/listening.hpp"
#include "protocol/topic.hpp"

namespace xgate::flows {
namespace {

/// More than the plugin tells of one session.
constexpr std::size_t longest_listens = 8192;

bool same_life(const store::Presence& presence, const BrokerLife& life) {
  return presence.broker == life.broker && presence.epoch == life.epoch;
}

bool in_session(const store::Presence& presence, const BrokerLife& life, std::uint64_t session) {
  return same_life(presence, life) && presence.session == static_cast<std::int64_t>(session);
}

bool has_word(std::string_view words, std::string_view word) {
  return words.find(' ' + std::string(word) + ' ') != std::string_view::npos;
}

/// Adds a word; false: it was there, or there is no room for it.
bool add_word(std::string& words, std::string_view word) {
  if (words.size() + word.size() >= longest_listens || has_word(words, word)) return false;
  words += std::string(word) + ' ';
  return true;
}

/// True: it was there.
bool remove_word(std::string& words, std::string_view word) {
  const auto at = words.find(' ' + std::string(word) + ' ');
  if (at == std::string::npos) return false;
  words.erase(at, word.size() + 1);
  return true;
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
  if (!in_session(presence, life, event.session)) {
    presence.listens = " ";  // what an earlier session subscribed to is over; or else is told
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
    presence.used.use(event.timestamp, event.at_ms / 1000);
  }
  return presence != before;
}

}  // namespace

bool came_online(store::Presence& presence, const BrokerLife& life, const link::Online& event) {
  const bool told_before = in_session(presence, life, event.session);
  if (event.auth_login || told_before || is_overtaken(presence, life, event)) {
    return false;  // AUTH- says nothing about operation (AUTH-10)
  }
  return enter(presence, life, event);
}

bool went_offline(store::Presence& presence, const BrokerLife& life, const link::Offline& event) {
  if (event.auth_login || !presence.online || !in_session(presence, life, event.session)) {
    return false;
  }
  presence.online = false;
  presence.offline_at_ms = std::max(presence.offline_at_ms.value_or(0), event.at_ms);
  return true;
}

void life_ended(store::Presence& presence, const BrokerLife& fresh, std::int64_t started_ms) {
  if (!presence.online || presence.broker != fresh.broker || presence.epoch == fresh.epoch) return;
  presence.online = false;
  presence.offline_at_ms = std::max(presence.online_at_ms.value_or(0), started_ms);
}

std::vector<std::string> now_listens(store::Presence& presence, const BrokerLife& life,
                                     const link::Listening& event) {
  std::vector<std::string> fresh;
  if (!in_session(presence, life, event.session)) return fresh;
  const bool resumed = event.filter.empty() && event.given_up.empty() && event.unheard == 0;
  if (resumed) {
    if (event.short_of_places) add_word(presence.listens, store::Presence::short_of_places);
    if (add_word(presence.listens, store::Presence::brought_along)) {
      fresh.emplace_back(store::Presence::brought_along);
    }
    return fresh;
  }
  for (std::string& word : protocol::command_topics_heard(event.filter)) {
    if (add_word(presence.listens, word)) fresh.push_back(std::move(word));
  }
  return fresh;
}

bool listens_no_more(store::Presence& presence, const BrokerLife& life,
                     const link::Listening& event) {
  if (!in_session(presence, life, event.session)) return false;
  bool changed = false;
  for (std::string_view rest = event.given_up; !rest.empty();) {
    const auto word = rest.substr(0, rest.find(' '));
    rest.remove_prefix(std::min(word.size() + 1, rest.size()));
    changed = (!word.empty() && remove_word(presence.listens, word)) || changed;
  }
  return changed;
}

std::string_view names_heard(const store::Presence& presence, const link::Listening& event) {
  const auto is = [&](protocol::TopicName name) {
    return event.filter == protocol::row_of(name).suffix;
  };
  if (is(protocol::TopicName::downlink_table) || is(protocol::TopicName::down_config_table)) {
    return "table";
  }
  // Whoever follows the table needs T/downlink too, for auth replies and new keys (TOPIC-1).
  const bool hears_table = has_word(presence.listens, "downlink_table") ||
                           has_word(presence.listens, "down_config_table");
  const bool section = is(protocol::TopicName::downlink) || is(protocol::TopicName::down_config);
  return section && !hears_table ? "section" : "";
}

bool is_live(store::Presence& presence, const BrokerLife& life, const link::Online& session) {
  if (session.auth_login || is_overtaken(presence, life, session)) {
    return false;
  }
  return enter(presence, life, session);
}

bool may_listen(store::Presence& presence, const BrokerLife& life, std::uint64_t session) {
  if (!presence.online || !in_session(presence, life, session)) return false;
  add_word(presence.listens, store::Presence::brought_along);
  return true;
}

}  // namespace xgate::flows
