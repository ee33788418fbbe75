// SPDX-License-Identifier: Apache-2.0
#include "service/ingest/broker_events.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <variant>

#include "protocol/session_key.hpp"
#include "service/flows/command_frame.hpp"
#include "service/flows/presence.hpp"
#include "service/flows/refusal.hpp"
#include "service/ingest/commit.hpp"
#include "service/ingest/new_keys.hpp"
#include "service/observe/log.hpp"
#include "service/store/commands.hpp"
#include "service/store/directory.hpp"
#include "service/store/messages.hpp"
#include "service/store/presence.hpp"
#include "service/store/readings.hpp"
#include "service/store/session_keys.hpp"

namespace xgate::ingest {
namespace {

constexpr std::int64_t day_ms = 24LL * 60 * 60 * 1000;

template <class... Each>
struct Overloaded : Each... {
  using Each::operator()...;
};
template <class... Each>
Overloaded(Each...) -> Overloaded<Each...>;  // clang before 17 cannot deduce it

/// Whether a packet can be so much larger than the topic and the frame of its command.
bool may_be_overhead(std::int64_t bytes) {
  constexpr std::int64_t topic_length = 2;
  constexpr std::int64_t expiry = 6;             // with the length of all properties
  constexpr std::int64_t packet_identifier = 2;  // where it goes out at QoS 1
  constexpr std::int64_t most_subscription =
      5;  // its identifier, where the device gave it one: 2…5
  const auto rest = bytes - topic_length - expiry;
  return rest == 0 || (rest >= packet_identifier && rest <= packet_identifier + most_subscription);
}

store::DeviceName name_of(const protocol::Identity& id) { return {id.product_id, id.node_eui}; }

void collect_names(const link::Event& event, std::set<store::DeviceName>& names) {
  std::visit(Overloaded{
                 [&](const link::LiveSessions& live) {
                   for (const link::Online& session : live.sessions) {
                     names.insert(name_of(session.device));
                   }
                 },
                 [](const link::RefusalsDropped&) {},
                 [&](const link::Refused& refused) { flows::names_to_explain(refused, names); },
                 [&](const auto& other) { names.insert(name_of(other.device)); },
             },
             event);
}

}  // namespace

/// One batch through read, decide and write.
struct BrokerEvents::Batch {
  std::int64_t now_ms = 0;
  std::vector<link::EventBatch> parts;
  std::vector<DropWatch::Place> places;  ///< of each
  store::State state;
  std::string known_epoch;
  std::map<std::int64_t, store::Presence> presence;  ///< by device_id; read, then changed
  std::set<std::int64_t> changed;

  struct NewEpoch {
    std::string epoch;
    std::int64_t started_ms = 0;
  };
  std::vector<NewEpoch> epochs;
  struct EndedListing {
    std::string epoch;
    std::int64_t up_to_session = 0;
    std::vector<std::int64_t> sessions;
  };
  std::vector<EndedListing> listings;
  std::map<std::int64_t, store::NewKey> new_keys;
  std::set<std::int64_t> retold;
  std::set<std::int64_t> logged_in;  ///< whose commands are due by it
  std::vector<store::Heard> heard;   ///< likewise, by a subscription
  std::vector<store::Unheard> unheard;
  std::vector<link::TooLarge> too_large;
  std::map<std::int64_t, store::ReadingsRow> readings;  ///< by device_id
  std::vector<store::RefusalRow> refusals;
  std::uint64_t refusals_untold = 0;
  std::vector<std::string> kept;  ///< client ids of sessions that the broker keeps for nobody
  int early_logins = 0;           ///< of the refusals: before the next try counts (V2-6)
  int logins = 0;
  int logouts = 0;
  Tally tally;

  store::Presence* presence_of(const protocol::Identity& id) {
    const store::Device* device = state.device(name_of(id));
    if (device == nullptr) {
      return nullptr;  // deleted meanwhile
    }
    const auto found = presence.find(device->device_id);
    return found == presence.end() ? nullptr : &found->second;
  }

  void came_online(const flows::BrokerLife& life, const link::Online& event,
                   const flows::KeyUpdatePolicy& policy);
  void listens(const flows::BrokerLife& life, const link::Listening& event);
  void may_listen(store::Presence& known, const flows::BrokerLife& life, std::uint64_t session);
  void learn_names(const store::Presence& known, const link::Listening& event);
  void want_key(const store::Presence& presence, const link::Online& event,
                const flows::KeyUpdatePolicy& policy);
};

BrokerEvents::BrokerEvents(Options options, observe::Metrics& metrics, Clock clock)
    : options_(std::move(options)), metrics_(metrics), clock_(std::move(clock)) {}

pg::Result<Outbound> BrokerEvents::process(pg::Connection& connection,
                                           std::span<const Received> received) {
  Batch batch;
  batch.now_ms = clock_();
  Outbound out;
  for (const Received& one : received) {
    out.acks.push_back(one.token);
    auto events = link::decode_events(one.message.payload);
    if (!events) {
      observe::error("events from the broker that cannot be read are ignored: {}",
                     observe::Words(events.error()));
      continue;
    }
    if (events->broker != options_.broker) {
      observe::error(
          "events of broker {} came over the connection to broker {}: "
          "plugin_opt_broker_id and [broker] id must agree; ignored",
          observe::Quoted(events->broker), observe::Quoted(options_.broker));
      continue;
    }
    batch.parts.push_back(std::move(*events));
    batch.places.push_back({one.connection, one.before});
  }
  auto transaction = pg::Transaction::begin(connection);
  if (!transaction) {
    return tl::unexpected(transaction.error());
  }
  if (auto done = read(connection, batch); !done) {
    return tl::unexpected(done.error());
  }
  // As if this batch had not come, should it not be stored: it comes again.
  struct Undo {
    Listing& listing;
    std::optional<Listing> before;
    ~Undo() {
      if (before) listing = std::move(*before);
    }
  } undo{listing_, listing_};
  for (const link::EventBatch& part : batch.parts) {
    decide(batch, part);
  }
  auto done = write(connection, batch);
  if (done) {
    done = commit(*transaction, metrics_);
  }
  if (!done) {
    return tl::unexpected(done.error());
  }
  undo.before.reset();
  tell(batch);
  return out;
}

pg::Result<void> BrokerEvents::read(pg::Connection& connection, Batch& batch) {
  std::set<store::DeviceName> names;
  for (const link::EventBatch& part : batch.parts) {
    for (const link::Event& event : part.events) {
      collect_names(event, names);
    }
  }
  auto state = store::read_state(connection, names);
  if (!state) {
    return tl::unexpected(state.error());
  }
  batch.state = std::move(*state);
  std::vector<std::int64_t> ids;
  for (const auto& [name, device] : batch.state.devices) {
    ids.push_back(device.device_id);
  }
  auto presence = store::read_presence(connection, ids);
  if (!presence) {
    return tl::unexpected(presence.error());
  }
  batch.presence = std::move(*presence);
  auto epoch = store::broker_epoch(connection, options_.broker);
  if (!epoch) {
    return tl::unexpected(epoch.error());
  }
  batch.known_epoch = std::move(*epoch);
  return {};
}

void BrokerEvents::Batch::came_online(const flows::BrokerLife& life, const link::Online& event,
                                      const flows::KeyUpdatePolicy& policy) {
  store::Presence* known = presence_of(event.device);
  const bool was_online = known != nullptr && known->online;
  if (known == nullptr || !flows::came_online(*known, life, event)) {
    return;
  }
  ++logins;
  logouts += was_online ? 1 : 0;  // taken over: the end of that session will change nothing
  changed.insert(known->device_id);
  logged_in.insert(known->device_id);
  want_key(*known, event, policy);
}

void BrokerEvents::Batch::listens(const flows::BrokerLife& life, const link::Listening& event) {
  store::Presence* known = presence_of(event.device);
  if (known == nullptr) {
    return;
  }
  for (std::string& word : flows::now_listens(*known, life, event)) {
    changed.insert(known->device_id);
    heard.push_back({known->device_id, std::move(word)});
  }
  if (flows::listens_no_more(*known, life, event)) {
    changed.insert(known->device_id);
  }
  if (event.unheard != 0) {
    unheard.push_back(
        {event.unheard, std::string(life.epoch) + '/' + std::to_string(event.session)});
    if (event.given_up.empty()) may_listen(*known, life, event.session);  // told again, by a list
  }
  learn_names(*known, event);
}

/// What waits for a subscription that may have been lost is due: whether there is one, only sending
/// tells.
void BrokerEvents::Batch::may_listen(store::Presence& known, const flows::BrokerLife& life,
                                     std::uint64_t session) {
  const auto listens_before = known.listens.size();
  if (flows::may_listen(known, life, session)) {
    if (known.listens.size() != listens_before) changed.insert(known.device_id);
    heard.push_back({known.device_id, std::string(store::Presence::brought_along)});
  }
}

/// TRACE-1: written at the end of the batch, where something else comes of it than was known.
void BrokerEvents::Batch::learn_names(const store::Presence& known, const link::Listening& event) {
  const auto names = flows::names_heard(known, event);
  const auto device = state.devices.find(name_of(event.device));
  if (names.empty() || device == state.devices.end()) {
    return;
  }
  if (device->second.readings.heard_names == names) {
    readings.erase(known.device_id);
    return;
  }
  store::ReadingsRow& row = readings[known.device_id];
  row.device_id = known.device_id;
  row.product_id = event.device.product_id;
  row.readings.heard_names = names;
}

void BrokerEvents::Batch::want_key(const store::Presence& known, const link::Online& event,
                                   const flows::KeyUpdatePolicy& policy) {
  const store::Product* product = state.product(event.device.product_id);
  if (product == nullptr || !product->encrypted || new_keys.contains(known.device_id)) {
    return;
  }
  switch (flows::key_action_at_login(state.keys[known.device_id], now_ms)) {
    case flows::KeyAction::none:
      break;
    case flows::KeyAction::retell:
      retold.insert(known.device_id);
      break;
    case flows::KeyAction::issue:
      new_keys.emplace(known.device_id,
                       flows::new_update_key(known.device_id,
                                             {protocol::new_session_id(), protocol::new_nonce()},
                                             product->key_lifetime_s, policy, now_ms));
      break;
  }
}

void BrokerEvents::decide(Batch& batch, const link::EventBatch& events) {
  look_for_gap(events);
  if (events.epoch != batch.known_epoch) {
    batch.known_epoch = events.epoch;
    batch.epochs.push_back({events.epoch, events.epoch_started_ms});
    for (auto& [id, presence] : batch.presence) {
      flows::life_ended(presence, {options_.broker, events.epoch}, events.epoch_started_ms);
    }
    listing_ = {};
  }
  const flows::BrokerLife life{options_.broker, events.epoch};
  for (const link::Event& event : events.events) {
    std::visit(
        Overloaded{
            [&](const link::Online& online) { batch.came_online(life, online, options_.keys); },
            [&](const link::Offline& offline) {
              store::Presence* known = batch.presence_of(offline.device);
              if (!offline.kept.empty()) batch.kept.push_back(offline.kept);
              if (known != nullptr && flows::went_offline(*known, life, offline)) {
                ++batch.logouts;
                batch.changed.insert(known->device_id);
              }
            },
            [&](const link::Listening& listening) { batch.listens(life, listening); },
            [&](const link::TooLarge& dropped) { batch.too_large.push_back(dropped); },
            [&](const link::Refused& refused) {
              batch.refusals.push_back(flows::refusal(events.broker, refused, batch.state));
              batch.early_logins += refused.wait_ms > 0 && refused.requirement == "V2-6" ? 1 : 0;
              // Told late, it stands under the oldest day that there is a partition for.
              auto& at = batch.refusals.back().refused_at_ms;
              at = std::clamp(at, batch.now_ms - day_ms, batch.now_ms + day_ms);
            },
            [&](const link::RefusalsDropped& dropped) { batch.refusals_untold += dropped.count; },
            [&](const link::LiveSessions& live) { decide_live(batch, events, live); },
        },
        event);
  }
}

void BrokerEvents::decide_live(Batch& batch, const link::EventBatch& events,
                               const link::LiveSessions& live) {
  if (live.sync != listing_.sync) {
    listing_ = {};
    listing_.sync = live.sync;
  }
  listing_.torn = listing_.torn || (live.part != 0 && live.part > listing_.parts + 1);
  listing_.parts = std::max(listing_.parts, live.part);
  const flows::BrokerLife life{options_.broker, events.epoch};
  for (const link::Online& session : live.sessions) {
    listing_.sessions.push_back(static_cast<std::int64_t>(session.session));
    store::Presence* known = batch.presence_of(session.device);
    if (known == nullptr) {
      continue;
    }
    const bool was_online = known->online;
    if (flows::is_live(*known, life, session)) {
      batch.changed.insert(known->device_id);
      batch.logged_in.insert(known->device_id);
      batch.logins += was_online ? 0 : 1;
      batch.want_key(*known, session, options_.keys);
    }
    batch.may_listen(*known, life, session.session);
  }
  if (live.last && listing_.torn) {  // a list that lacks some would end them
    listing_ = {};
    options_.ask_for_sessions();
  } else if (live.last) {
    batch.listings.push_back({events.epoch, static_cast<std::int64_t>(live.up_to_session),
                              std::move(listing_.sessions)});
    listing_ = {};
  }
}

void BrokerEvents::look_for_gap(const link::EventBatch& events) {
  // The first of a life is number 1. At our own start the sessions are asked for anyway.
  const std::uint64_t before = events.epoch == epoch_ ? sequence_ : 0;
  const bool missed = !epoch_.empty() && events.sequence > before + 1;
  if (events.epoch != epoch_ || events.sequence > sequence_) {
    epoch_ = events.epoch;
    sequence_ = events.sequence;
  }
  if (missed) {
    observe::warn("events of broker {} were lost: asking it for its live sessions",
                  observe::Quoted(options_.broker));
    options_.ask_for_sessions();
  }
}

pg::Result<void> BrokerEvents::write(pg::Connection& connection, Batch& batch) {
  std::vector<const store::Presence*> rows;
  for (const std::int64_t id : batch.changed) {
    rows.push_back(&batch.presence.at(id));
  }
  // Before the rows: of two lives in one batch the first must not end who came in the second.
  for (const auto& epoch : batch.epochs) {
    const auto ended =
        store::begin_epoch(connection, options_.broker, epoch.epoch, epoch.started_ms);
    if (!ended) return tl::unexpected(ended.error());
    batch.logouts += static_cast<int>(*ended);
  }
  if (auto done = store::write_presence(connection, rows); !done) return done;
  for (const auto& listing : batch.listings) {
    const auto ended = store::end_unlisted_sessions(
        connection, {options_.broker, listing.epoch, listing.up_to_session, listing.sessions},
        batch.now_ms);
    if (!ended) return tl::unexpected(ended.error());
    batch.logouts += static_cast<int>(*ended);
  }
  if (auto done = write_keys(connection, batch); !done) return done;
  if (auto done = store::insert_refusals(connection, batch.refusals); !done) return done;
  if (auto done = fail_too_large(connection, batch); !done) return done;
  if (auto done = make_commands_due(connection, batch); !done) return done;
  // Last, as with the workers of devices: in another order the two would wait for each other.
  std::vector<store::ReadingsRow> readings;
  for (const auto& [id, row] : batch.readings) readings.push_back(row);
  return store::write_readings(connection, readings);
}

/// DOWN-1: which one it was only its size tells. Acks and the like are dropped too: then it is
/// none.
pg::Result<void> BrokerEvents::fail_too_large(pg::Connection& connection, Batch& batch) {
  for (const link::TooLarge& dropped : batch.too_large) {
    const store::Presence* to = batch.presence_of(dropped.device);
    if (to == nullptr) continue;
    const auto sent = store::sent_in_session(connection, to->device_id);
    if (!sent) return tl::unexpected(sent.error());
    for (const store::DueCommand& command : *sent) {
      const auto topic =
          protocol::build_topic(command.topic, protocol::view(dropped.device), command.service);
      const auto rest = dropped.bytes - static_cast<std::int64_t>(topic.size()) -
                        static_cast<std::int64_t>(flows::frame_size(command));
      if (!may_be_overhead(rest)) continue;
      const auto failed = store::fail_command(
          connection, command.command_id,
          "the message of " + std::to_string(dropped.bytes) +
              " bytes is larger than the Maximum Packet Size that the device named when it "
              "connected (MQTT 5): the broker dropped it",
          batch.now_ms);
      if (!failed) return tl::unexpected(failed.error());
      if (*failed) batch.tally.add(command.kind, protocol::CommandState::failed, 1);
      break;
    }
  }
  return {};
}

/// KEY-1, with the devices locked since their presence was read.
pg::Result<void> BrokerEvents::write_keys(pg::Connection& connection, Batch& batch) {
  using protocol::CommandKind;
  using protocol::CommandState;
  std::vector<store::NewKey> keys;
  for (const auto& [id, key] : batch.new_keys) {
    keys.push_back(key);
  }
  if (auto done = store_new_keys(connection, keys, batch.tally); !done) return done;
  const auto retold = store::retell_session_keys(
      connection, std::vector<std::int64_t>(batch.retold.begin(), batch.retold.end()),
      {.tries = options_.keys.tries,
       .patience_ms = options_.keys.patience_ms(),
       .now_ms = batch.now_ms});
  if (!retold) return tl::unexpected(retold.error());
  batch.tally.add(CommandKind::key_update, CommandState::failed, retold->updates_failed);
  batch.tally.add(CommandKind::key_update, CommandState::queued, retold->updates_queued);
  return {};
}

/// After presence was written, which says who is there and listens.
pg::Result<void> BrokerEvents::make_commands_due(pg::Connection& connection, const Batch& batch) {
  auto done = store::take_back_unheard(connection, batch.unheard);
  if (!done) return done;
  done = store::due_by_login(
      connection, std::vector<std::int64_t>(batch.logged_in.begin(), batch.logged_in.end()),
      batch.now_ms);
  if (!done) return done;
  return store::due_by_listening(connection, batch.heard, batch.now_ms);
}

void BrokerEvents::tell_queue(const Batch& batch) {
  for (std::size_t i = 0; i < batch.parts.size(); ++i) {
    const auto& part = batch.parts[i];
    if (!part.counts_queue) continue;
    const auto news = queue_watch_.hear(part, batch.places[i]);
    for (std::size_t limit = 0; limit < news.exceeded.size(); ++limit) {
      if (news.exceeded[limit] > 0) {
        metrics_.limit_exceeded(link::requirement(static_cast<link::Limit>(limit)))
            .Increment(static_cast<double>(news.exceeded[limit]));
      }
    }
    if (options_.queue_news) options_.queue_news(news);
  }
  if (options_.taken && !batch.parts.empty() && batch.parts.back().counts_queue) {
    const auto& last = batch.parts.back();
    options_.taken({last.epoch, last.queued_messages, last.queued_bytes});
  }
}

void BrokerEvents::tell(const Batch& batch) {
  tell_queue(batch);
  if (options_.reads_addresses && !batch.parts.empty()) {
    options_.reads_addresses(batch.parts.back().reads_addresses);
  }
  if (options_.commands_due && (!batch.logged_in.empty() || !batch.heard.empty())) {
    options_.commands_due();
  }
  for (const std::string& client_id : batch.kept) {
    if (options_.end_kept) options_.end_kept(client_id);
  }
  batch.tally.count(metrics_);
  metrics_.logins.Increment(batch.logins);
  metrics_.logouts.Increment(batch.logouts);
  for (const auto& epoch : batch.epochs) {
    observe::info("broker {} is in a new life (epoch {}): who was online before is offline",
                  observe::Quoted(options_.broker), observe::Quoted(epoch.epoch));
  }
  for (const store::RefusalRow& each : batch.refusals) {
    const store::Refusal& row = each.refusal;
    if (row.what == "login") {
      metrics_.refused_logins.Increment();
    } else if (row.what == "subscribe") {
      metrics_.refused_subscriptions.Increment();
    } else {
      metrics_.refused_publishes.Increment();
    }
    violations_.note(
        row.product_id && row.node_eui ? *row.product_id + '.' + *row.node_eui : row.client_id,
        row.topic.value_or(row.what), row.requirement,
        row.explanation ? row.reason + ": " + *row.explanation : row.reason, batch.now_ms);
  }
  metrics_.login_backoffs.Increment(batch.early_logins);
  if (batch.refusals_untold > 0) {
    metrics_.refusals_untold.Increment(static_cast<double>(batch.refusals_untold));
    observe::warn("{} more refusals were not told one by one", batch.refusals_untold);
  }
}

pg::Result<Outbound> BrokerEvents::give_up(pg::Connection& /*connection*/, const Received& message,
                                           const pg::Error& error) {
  observe::error("events of broker {} could not be stored and are given up: {}",
                 observe::Quoted(options_.broker), observe::Words(error.message));
  options_.ask_for_sessions();  // presence at least heals
  Outbound out;
  out.acks.push_back(message.token);
  return out;
}

}  // namespace xgate::ingest
