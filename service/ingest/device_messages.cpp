// SPDX-License-Identifier: Apache-2.0
#include "service/ingest/device_messages.hpp"

#include <algorithm>
#include <functional>
#include <iterator>
#include <set>
#include <utility>
#include <vector>

#include "protocol/command.hpp"
#include "protocol/command_payload.hpp"
#include "protocol/frame.hpp"
#include "protocol/json.hpp"
#include "service/flows/key_rotation.hpp"
#include "service/ingest/commit.hpp"
#include "service/ingest/device_message.hpp"
#include "service/ingest/tally.hpp"
#include "service/observe/log.hpp"
#include "service/store/commands.hpp"
#include "service/store/directory.hpp"
#include "service/store/messages.hpp"
#include "service/store/readings.hpp"
#include "service/store/session_keys.hpp"
#include "service/store/thing_values.hpp"
#include "service/store/upgrades.hpp"

namespace xgate::ingest {
namespace {

struct Topics {
  std::vector<std::optional<protocol::TopicMatch>> matches;  ///< as the batch; nothing: no device's
  std::set<store::DeviceName> names;
  std::set<std::string, std::less<>> by_model;  ///< products whose models the batch needs
};

/// Whether a message on this topic is judged by its product's thing model.
bool needs_model(protocol::TopicName name) {
  switch (name) {
    case protocol::TopicName::property_report:
    case protocol::TopicName::event_report:
    case protocol::TopicName::history_report:
    case protocol::TopicName::service_ack:
    case protocol::TopicName::hex_report:
    case protocol::TopicName::hex_full:
      return true;
    default:
      return false;
  }
}

Topics topics_of(std::span<const Received> batch) {
  Topics topics;
  topics.matches.reserve(batch.size());
  for (const Received& received : batch) {
    auto match = protocol::parse_topic(received.message.topic);
    // The rest is what an operator's account said on a device's topics: not a device's message.
    if (match && (protocol::row_of(match->name).verb != protocol::DeviceVerb::publish ||
                  match->name == protocol::TopicName::auth)) {
      match.reset();
    }
    if (match) {
      topics.names.insert(
          {std::string(match->device.product_id), std::string(match->device.node_eui)});
      if (needs_model(match->name) && !topics.by_model.contains(match->device.product_id)) {
        topics.by_model.emplace(match->device.product_id);
      }
    }
    topics.matches.push_back(match);
  }
  return topics;
}

/// What the batch may answer. Reading ahead costs a look at the front of those few topics.
store::AnswerSearch search_of(std::span<const Received> batch, const Topics& topics,
                              const store::State& state) {
  store::AnswerSearch search;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const auto& match = topics.matches[i];
    if (!match || !protocol::may_answer(match->name)) {
      continue;
    }
    const store::Device* device =
        state.device({std::string(match->device.product_id), std::string(match->device.node_eui)});
    if (device == nullptr) {
      continue;
    }
    const std::string& bytes = batch[i].message.payload;
    if (const auto id = protocol::command_message_id(
            protocol::MessageId::of_text(protocol::find_scalar(bytes, "MessageId")))) {
      search.numbered.emplace_back(device->device_id, *id);
    }
    constexpr int hex_service_ack = 26;
    if (protocol::answers_unnumbered(match->name) &&
        (match->name != protocol::TopicName::hex_report ||
         protocol::whole_number_in(protocol::find_scalar(bytes, "HeaderCtrl")) ==
             hex_service_ack)) {
      search.unnumbered.push_back(device->device_id);
    }
  }
  return search;
}

/// The upgrades that its reports and confirmations are about; other batches read none.
pg::Result<void> read_upgrades(pg::Connection& connection, const Topics& topics,
                               store::State& state) {
  std::vector<std::int64_t> devices;
  std::vector<std::int64_t> confirming;
  for (const auto& match : topics.matches) {
    const bool confirms = match && match->name == protocol::TopicName::ota_notify_ack;
    if (!confirms && (!match || match->name != protocol::TopicName::firmware_report)) {
      continue;
    }
    const store::Device* device =
        state.device({std::string(match->device.product_id), std::string(match->device.node_eui)});
    if (device == nullptr) {
      continue;
    }
    devices.push_back(device->device_id);
    if (confirms) {
      confirming.push_back(device->device_id);
    }
  }
  return store::read_upgrades(connection, devices, confirming, state);
}

struct WriteSet {
  std::vector<store::MessageRow> messages;
  std::vector<store::FirmwareRow> firmware;
  std::vector<store::KeyUse> key_uses;
  std::vector<store::ReadingsRow> readings;
  std::vector<store::PropertyRow> properties;
  std::vector<store::EventRow> events;
  std::vector<store::ConfigRow> configs;
  std::vector<store::NewCommand> commands;
  std::vector<std::int64_t> commands_again;
  std::vector<store::CommandAnswer> answers;
  std::vector<store::UpgradeChange> upgrades;
  Tally tally;

  void take(Decided&& decided) {
    messages.push_back(std::move(decided.row));
    if (decided.effects.firmware) firmware.push_back(std::move(*decided.effects.firmware));
    if (decided.key_use) key_uses.push_back(*decided.key_use);
    if (decided.readings) readings.push_back(std::move(*decided.readings));
    if (decided.effects.config) configs.push_back(std::move(*decided.effects.config));
    std::ranges::move(decided.effects.properties, std::back_inserter(properties));
    std::ranges::move(decided.effects.events, std::back_inserter(events));
    std::ranges::move(decided.effects.commands, std::back_inserter(commands));
    std::ranges::move(decided.effects.commands_again, std::back_inserter(commands_again));
    if (decided.effects.upgrade) upgrades.push_back(std::move(*decided.effects.upgrade));
    if (decided.answer) answers.push_back(std::move(*decided.answer));
  }
};

pg::Result<void> queue(pg::Connection& connection, WriteSet& set) {
  const auto queued = store::insert_commands(connection, set.commands);
  if (!queued) return tl::unexpected(queued.error());
  for (const store::CommandRef& command : *queued) {
    set.tally.add(command.kind, protocol::CommandState::queued, 1);
  }
  return {};
}

pg::Result<void> answer(pg::Connection& connection, WriteSet& set) {
  const auto changes = store::apply_answers(connection, set.answers);
  if (!changes) return tl::unexpected(changes.error());
  for (const store::CommandChange& change : *changes) {
    set.tally.add(change.kind, change.state, change.count);
  }
  return {};
}

pg::Result<void> withdraw(pg::Connection& connection, WriteSet& set, std::int64_t now_ms) {
  const auto withdrawn = store::withdraw_notices(connection, set.upgrades, now_ms);
  if (!withdrawn) return tl::unexpected(withdrawn.error());
  set.tally.add(protocol::CommandKind::ota_notify, protocol::CommandState::cancelled, *withdrawn);
  return {};
}

/// KEY-2: a device that uses a key for the first time has answered the command that told it. The
/// devices are locked, so that no login tells that key once more at the same moment.
pg::Result<void> answer_key_updates(pg::Connection& connection, WriteSet& set) {
  std::vector<std::int64_t> devices;
  for (const store::KeyUse& use : set.key_uses) {
    if (use.first_of_update) devices.push_back(use.device_id);
  }
  if (devices.empty()) return {};
  for (const store::NewCommand& command : set.commands) devices.push_back(command.device_id);
  if (auto done = store::lock_devices(connection, devices); !done) return done;
  const auto updates = store::find_key_updates(connection, set.key_uses);
  if (!updates) return tl::unexpected(updates.error());
  for (const store::KeyUpdate& update : *updates) {
    set.answers.push_back(flows::key_is_used(update));
  }
  return {};
}

bool is_unbounded(const store::Product& product) {
  return product.model_id.empty() || product.keep_violations;
}

/// PROP-1's bound: looked for only where a device of a product whose model does not set one has
/// said something new.
pg::Result<void> write_properties(pg::Connection& connection,
                                  std::span<const store::PropertyRow> rows,
                                  const store::State& state, std::int64_t most,
                                  std::vector<std::int64_t>& over) {
  auto grown = store::upsert_properties(connection, rows);
  if (!grown) {
    return tl::unexpected(grown.error());
  }
  std::set<std::int64_t> unbounded;
  for (const auto& [name, device] : state.devices) {
    const store::Product* product = grown->empty() ? nullptr : state.product(name.product_id);
    if (product != nullptr && is_unbounded(*product)) {
      unbounded.insert(device.device_id);
    }
  }
  std::erase_if(*grown, [&](std::int64_t id) { return !unbounded.contains(id); });
  auto found = store::devices_with_more_properties(connection, *grown, most);
  if (!found) {
    return tl::unexpected(found.error());
  }
  over = std::move(*found);
  if (over.empty()) {
    return {};
  }
  return tl::unexpected(pg::Error{.sqlstate = "",
                                  .message = "devices report more identifiers than they may",
                                  .connection_gone = false});
}

pg::Result<void> write(pg::Connection& connection, WriteSet& set, std::int64_t now_ms,
                       const std::function<pg::Result<void>()>& properties,
                       observe::Metrics& metrics) {
  // What locks devices comes first, as with whoever writes presence; commands come before keys,
  // keys before readings.
  return commit_all(
      connection, metrics,
      {[&] { return answer_key_updates(connection, set); }, [&] { return queue(connection, set); },
       [&] { return store::write_upgrades(connection, set.upgrades); },
       [&] { return answer(connection, set); }, [&] { return withdraw(connection, set, now_ms); },
       [&] { return store::send_again(connection, set.commands_again, now_ms); },
       [&] { return store::upsert_configs(connection, set.configs); },
       [&] { return store::insert_messages(connection, set.messages); },
       [&] { return store::upsert_firmware(connection, set.firmware); },
       [&] { return store::use_session_keys(connection, set.key_uses); },
       [&] { return store::write_readings(connection, set.readings); }, properties,
       [&] { return store::insert_property_history(connection, set.properties); },
       [&] { return store::insert_event_history(connection, set.events); }});
}

}  // namespace

DeviceMessages::DeviceMessages(Options options, observe::Metrics& metrics, Clock clock)
    : options_(std::move(options)), metrics_(metrics), clock_(std::move(clock)) {}

pg::Result<Outbound> DeviceMessages::process(pg::Connection& connection,
                                             std::span<const Received> batch) {
  constexpr std::size_t most_remembered = 10'000;
  while (true) {
    std::vector<std::int64_t> over;
    auto done = attempt(connection, batch, over);
    if (over.empty()) {
      return done;
    }
    // Once more, now knowing what these have reported: of their messages those are refused that are
    // too much. From now on that is known from the start.
    if (at_bound_.size() > most_remembered) {
      at_bound_.clear();
    }
    const auto before = at_bound_.size();
    at_bound_.insert(over.begin(), over.end());
    if (at_bound_.size() == before) {
      return done;
    }
  }
}

pg::Result<IdentifierBound> DeviceMessages::read_bound(pg::Connection& connection,
                                                       const store::State& state) const {
  std::vector<std::int64_t> ids;
  for (const auto& [name, device] : state.devices) {
    const store::Product* product = at_bound_.empty() ? nullptr : state.product(name.product_id);
    if (product != nullptr && is_unbounded(*product) && at_bound_.contains(device.device_id)) {
      ids.push_back(device.device_id);
    }
  }
  auto reported = store::read_identifiers(connection, ids);
  if (!reported) {
    return tl::unexpected(reported.error());
  }
  return IdentifierBound{options_.identifiers, std::move(*reported)};
}

pg::Result<Outbound> DeviceMessages::attempt(pg::Connection& connection,
                                             std::span<const Received> batch,
                                             std::vector<std::int64_t>& over) {
  const Topics topics = topics_of(batch);
  auto state = store::read_state(connection, topics.names, topics.by_model);
  if (!state) {
    return tl::unexpected(state.error());
  }
  if (auto read = store::read_answerable(connection, search_of(batch, topics, *state), *state);
      !read) {
    return tl::unexpected(read.error());
  }
  if (auto read = read_upgrades(connection, topics, *state); !read) {
    return tl::unexpected(read.error());
  }
  auto bound = read_bound(connection, *state);
  if (!bound) {
    return tl::unexpected(bound.error());
  }
  state->download_base = options_.download_base;
  const std::int64_t now_ms = clock_();
  WriteSet set;
  Outbound out;
  std::vector<std::size_t> violations;
  std::vector<Unexplained> unexplained;
  set.messages.reserve(batch.size());  // so that rows stay where they are
  out.acks.reserve(batch.size());
  out.publishes.reserve(batch.size());
  for (std::size_t i = 0; i < batch.size(); ++i) {
    out.acks.push_back(batch[i].token);
    if (!topics.matches[i]) {
      continue;
    }
    Decided decided = decide_device_message(batch[i], *topics.matches[i], *state, now_ms,
                                            options_.zone, aes_, &*bound);
    if (decided.violation) {
      violations.push_back(set.messages.size());
    }
    if (decided.reply) {
      out.publishes.push_back(std::move(*decided.reply));
    }
    auto question = std::move(decided.question);
    set.take(std::move(decided));
    if (question) {
      unexplained.push_back({std::move(*question), &set.messages.back()});
    }
  }
  if (auto done = explain(connection, unexplained, explanations_, *state, now_ms); !done) {
    return tl::unexpected(done.error());
  }
  const auto properties = [&] {
    return write_properties(connection, set.properties, *state, options_.identifiers, over);
  };
  if (auto written = write(connection, set, now_ms, properties, metrics_); !written) {
    return tl::unexpected(written.error());
  }
  set.tally.count(metrics_);
  tell(set.answers, !set.commands.empty() || !set.commands_again.empty());
  for (const std::size_t at : violations) {
    const store::MessageRow& row = set.messages[at];
    violations_.note(row.product_id + '.' + row.node_eui, row.topic, *row.requirement,
                     row.explanation ? *row.reason + ": " + *row.explanation : *row.reason, now_ms);
  }
  count(set.messages, batch, topics.matches);
  return out;
}

void DeviceMessages::tell(const std::vector<store::CommandAnswer>& answers, bool due) const {
  if (due && options_.listeners.due) {
    options_.listeners.due();
  }
  if (answers.empty()) {
    return;
  }
  std::vector<std::int64_t> ids;
  ids.reserve(answers.size());
  for (const store::CommandAnswer& answer : answers) {
    ids.push_back(answer.command_id);
  }
  if (options_.listeners.answered) {
    options_.listeners.answered(ids);
  }
}

void DeviceMessages::count(std::span<const store::MessageRow> rows, std::span<const Received> batch,
                           std::span<const std::optional<protocol::TopicMatch>> matches) {
  std::size_t row = 0;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (batch[i].message.dup) {
      metrics_.redelivered.Increment();
    }
    if (!matches[i]) {
      metrics_.messages(std::nullopt, observe::Verdict::refused).Increment();
      continue;
    }
    const bool refused = rows[row++].reason.has_value();
    metrics_
        .messages(matches[i]->name,
                  refused ? observe::Verdict::refused : observe::Verdict::accepted)
        .Increment();
  }
}

pg::Result<Outbound> DeviceMessages::give_up(pg::Connection& connection, const Received& message,
                                             const pg::Error& error) {
  Outbound out;
  out.acks.push_back(message.token);
  const auto topic = protocol::parse_topic(message.message.topic);
  if (!topic) {
    observe::error("a message on {} is given up: {}", observe::Quoted(message.message.topic),
                   observe::Words(error.message));
    return out;
  }
  // Its bytes at least, and why nothing else of it stands here.
  store::MessageRow row;
  row.received_at_ms = message.received_at_ms;
  row.product_id = topic->device.product_id;
  row.node_eui = topic->device.node_eui;
  row.topic = message.message.topic;
  row.raw = message.message.payload;
  row.redelivered = message.message.dup;
  const bool its_own = failure_of(error) == Failure::message;
  if (its_own) row.requirement = "FRAME-5";
  row.reason = (its_own ? "the platform could not store it: "
                        : "the platform failed at it, and not for what it says: ") +
               error.message;
  const auto kept = commit_all(connection, metrics_, {[&] {
                                 return store::insert_messages(connection, {&row, 1});
                               }});
  if (!kept) {
    if (failure_of(kept.error()) != Failure::message) return tl::unexpected(kept.error());
    observe::error("the bytes of a message on {} could not be stored: {}",
                   observe::Quoted(message.message.topic), observe::Words(kept.error().message));
  }
  observe::error("a message on {} could not be stored and is given up: {}",
                 observe::Quoted(message.message.topic), observe::Words(error.message));
  metrics_.given_up.Increment();
  return out;
}

}  // namespace xgate::ingest
