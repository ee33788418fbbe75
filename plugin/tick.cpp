// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "plugin/callbacks.hpp"
#include "plugin/standing.hpp"
#include "protocol/whole_characters.hpp"

namespace xgate::plugin {
namespace {

// One TICK's share of what may concern every session: below a millisecond, ten times a second or
// more.
constexpr std::size_t sessions_judged = 1000;
constexpr std::size_t sessions_told = 200;

void write_loader_log(Plugin& plugin) {
  if (!plugin.loader) return;
  for (const auto& line : plugin.loader->take_log()) {
    using Level = directory::LogLine::Level;
    const auto told = protocol::whole_characters(line.text, 1000);
    log(line.level == Level::info      ? LogLevel::info
        : line.level == Level::warning ? LogLevel::warning
                                       : LogLevel::error,
        printable::Line(told) + (told.size() < line.text.size() ? "…" : ""));
  }
}

/// Only ever called from here: the broker frees the session at once.
void kick(Session& session, bool with_will) {
  // by the name under which the broker keeps it, copied: the broker frees its own on the way
  const std::string id(id_of(session.client));
  mosquitto_kick_client_by_clientid(id.c_str(), with_will);
}

/// The session of this number may be gone when this returns.
void judge(Plugin& plugin, Session& session) {
  if (session.superseded || session.revoked) return;  // a websocket ends only later
  const auto decision = still_allowed(plugin, session);
  if (decision) return;
  session.revoked = true;
  log(LogLevel::notice, "session of " + field(session.client_id) + " ended, " +
                            std::string(decision.requirement) + ": " +
                            std::string(decision.reason));
  kick(session, false);
}

void judge_devices(Plugin& plugin) {
  auto& devices = plugin.revocation.devices;
  for (std::size_t done = 0; !devices.empty() && done < sessions_judged; ++done) {
    const auto key = devices.back();
    devices.pop_back();
    if (auto* session = plugin.sessions.of_device(Session::Kind::device, key)) {
      judge(plugin, *session);
    }
  }
}

void judge_everybody(Plugin& plugin) {
  auto& round = plugin.revocation;
  for (std::size_t done = 0; round.everybody && done < sessions_judged; ++done) {
    Session* session = plugin.sessions.after(round.cursor);
    if (session == nullptr && !round.wrapped) {
      round.wrapped = true;
      round.cursor = 0;
      continue;
    }
    if (session == nullptr || (round.wrapped && session->number > round.end)) {
      round.everybody = false;
      break;
    }
    round.cursor = session->number;
    judge(plugin, *session);
  }
}

void kick_asked_for(Plugin& plugin) {
  for (const auto& key : std::exchange(plugin.kicks, {})) {
    for (const auto kind : {Session::Kind::device, Session::Kind::auth}) {
      if (auto* session = plugin.sessions.of_device(kind, key)) {
        log(LogLevel::notice,
            "session of " + field(session->client_id) + " ended: an operator asked for it");
        kick(*session, true);
      }
    }
  }
}

void end_replaced(Plugin& plugin) {
  for (const auto number : std::exchange(plugin.replaced, {})) {
    Session* session = plugin.sessions.numbered(number);
    if (session == nullptr) continue;
    log(LogLevel::notice, "session of " + field(session->client_id) +
                              " ended, V2-4: the device was deleted and registered anew");
    kick(*session, false);
  }
}

/// LIMIT-1…4: who went on although it was refused. Its will is sent: it is gone.
void end_exceeding(Plugin& plugin) {
  for (const auto number : std::exchange(plugin.exceeding, {})) {
    Session* session = plugin.sessions.numbered(number);
    if (session == nullptr) continue;
    kick(*session, true);
  }
}

/// Whoever waits for a change to have taken effect here is told, once it has.
void settle_changes(Plugin& plugin) {
  if (plugin.revocation.everybody || !plugin.revocation.devices.empty()) return;
  if (plugin.exchange.settle(plugin.directory.number()) && plugin.loader) plugin.loader->wake();
}

/// A device that resumed a stored session need not subscribe again. (MQTT 5) Mosquitto forgets to
/// give back the places of the messages that it stored and was told to throw away: a client that
/// takes few at once would get no more.
void tell_resumed(Plugin& plugin) {
  for (const auto number : std::exchange(plugin.just_begun, {})) {
    Session* session = plugin.sessions.numbered(number);
    if (session == nullptr || session->clean_start) continue;
    const bool has_some = mosquitto_client_sub_count(session->client) > 0;
    if (!session->brought_along.value_or(has_some)) continue;
    plugin.outbox.add(
        link::Listening{.session = session->number,
                        .device = session->identity(),
                        .short_of_places = session->lost_places && speaks_mqtt5(session->client)});
  }
}

void answer_sync(Plugin& plugin) {
  if (!plugin.sync_answer) return;
  auto& answer = *plugin.sync_answer;
  link::LiveSessions part;
  part.sync = answer.sync;
  part.up_to_session = answer.up_to_session;
  part.part = ++answer.parts;
  std::vector<link::Listening> unheard;
  for (std::size_t looked_at = 0; !part.last && looked_at < sessions_judged; ++looked_at) {
    const Session* session = plugin.sessions.after(answer.cursor);
    if (session == nullptr || session->number > answer.up_to_session) {
      part.last = true;
      break;
    }
    if (part.sessions.size() == sessions_told) break;
    answer.cursor = session->number;
    if (session->kind != Session::Kind::device) continue;
    part.sessions.push_back(online_event(*session));
    for (const auto command : session->unheard) {
      unheard.push_back(
          {.session = session->number, .device = session->identity(), .unheard = command});
    }
  }
  const bool done = part.last;
  plugin.outbox.add(std::move(part));
  for (auto& one : unheard) plugin.outbox.add(std::move(one));
  if (done) plugin.sync_answer.reset();
}

}  // namespace

int on_tick(Plugin& plugin, mosquitto_evt_tick& /*event*/) {
  plugin.ticked = true;
  ++plugin.rounds;
  plugin.reloading = false;
  plugin.unstamped = false;
  plugin.to_refuse.reset();
  plugin.resuming = nullptr;
  end_delivery(plugin);
  write_loader_log(plugin);
  adopt_directory(plugin);
  judge_devices(plugin);
  judge_everybody(plugin);
  kick_asked_for(plugin);
  end_replaced(plugin);
  end_exceeding(plugin);
  settle_changes(plugin);
  tell_resumed(plugin);
  answer_sync(plugin);
  const auto now = plugin.clock.unix_ms();
  plugin.heartbeat.beat(now);
  constexpr double behind_from = 0.05;
  const auto& queue = plugin.limits.queues.uplinks;
  plugin.outbox.flush(now, plugin.limits, queue.filled(plugin.options.limits) > behind_from);
  return MOSQ_ERR_SUCCESS;
}

}  // namespace xgate::plugin
