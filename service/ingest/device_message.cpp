// SPDX-License-Identifier: Apache-2.0
#include "service/ingest/device_message.hpp"

#include <utility>
#include <vector>

#include "link/topics.hpp"
#include "protocol/explain_payload.hpp"
#include "protocol/frame.hpp"
#include "protocol/key_rotation.hpp"
#include "protocol/payload.hpp"
#include "protocol/report_rules.hpp"
#include "service/flows/answer.hpp"
#include "service/flows/command_ack.hpp"
#include "service/flows/config_report.hpp"
#include "service/flows/event_report.hpp"
#include "service/flows/firmware_report.hpp"
#include "service/flows/hex.hpp"
#include "service/flows/history_report.hpp"
#include "service/flows/ota_notify_ack.hpp"
#include "service/flows/property_report.hpp"
#include "service/flows/time.hpp"
#include "service/flows/unsupported.hpp"
#include "service/flows/uplink.hpp"

namespace xgate::ingest {
namespace {

using protocol::FrameRefusal;
using protocol::TopicName;

/// A message on its way through the steps below.
struct Case {
  const Received& received;
  const protocol::TopicMatch& topic;
  store::State& state;
  std::int64_t now_ms;
  std::string_view zone;
  protocol::Aes& aes;
  const store::Product* product = nullptr;
  const store::Device* device = nullptr;
};

tl::expected<void, FrameRefusal> find_device(Case& now) {
  const auto& id = now.topic.device;
  now.product = now.state.product(id.product_id);
  now.device = now.state.device({std::string(id.product_id), std::string(id.node_eui)});
  // The broker let it in, so it existed then: what was said after it went is kept, not acted on.
  if (now.product == nullptr || now.product->open_id != id.open_id) {
    return tl::unexpected(FrameRefusal{"V2-4", "the product does not exist any more", {}, {}});
  }
  if (now.device == nullptr) {
    return tl::unexpected(FrameRefusal{"V2-4", "the device does not exist any more", {}, {}});
  }
  if (!now.product->enabled) {
    return tl::unexpected(FrameRefusal{"V2-4", "the product is disabled", {}, {}});
  }
  if (!now.device->enabled) {
    return tl::unexpected(FrameRefusal{"V2-4", "the device is disabled", {}, {}});
  }
  return {};
}

/// LIMIT-1, LIMIT-2: what the broker's plugin found to be beyond them.
tl::expected<void, FrameRefusal> within_limits(const Received& received) {
  if (!received.exceeded) return {};
  return tl::unexpected(FrameRefusal{std::string(link::requirement(received.exceeded->limit)),
                                     link::reason(*received.exceeded),
                                     {},
                                     {}});
}

/// KEY-2: the key that opened a message is from now on the oldest that this device may use.
std::optional<store::KeyUse> use_of_key(Case& now, std::vector<store::SessionKeyRow>& keys,
                                        const protocol::OpenedPayload& opened) {
  if (!opened.was_encrypted || !opened.key_index || !opened.reading) {
    return std::nullopt;
  }
  store::SessionKeyRow& used = keys[*opened.key_index];
  const bool oldest = *opened.key_index + 1 == keys.size();
  if (used.used && used.key.reading == opened.reading && oldest) {
    return std::nullopt;  // nothing new: a message then costs no write but its own
  }
  const bool first_of_update = used.by_update && !used.used;
  used.used = true;
  used.key.reading = opened.reading;
  store::KeyUse use{.device_id = now.device->device_id,
                    .session_key_id = used.key.id,
                    .reading = *opened.reading,
                    .used_at_ms = now.received.received_at_ms,
                    .first_of_update = first_of_update};
  keys.resize(*opened.key_index + 1);
  return use;
}

tl::expected<protocol::OpenedPayload, FrameRefusal> open(Case& now, const protocol::Frame& frame,
                                                         std::optional<store::KeyUse>& key_use) {
  protocol::PayloadContext context;
  context.encrypted_product = now.product->encrypted;
  if (!context.encrypted_product) {
    return protocol::open_payload(frame, now.topic.name, context, now.aes);
  }
  std::vector<store::SessionKeyRow>& rows = now.state.keys[now.device->device_id];
  std::vector<protocol::SessionKey> keys;
  keys.reserve(rows.size());
  for (const store::SessionKeyRow& row : rows) {
    keys.push_back(row.key);
  }
  context.accept_plaintext = now.product->accept_plaintext;
  context.product_reading = now.product->key_reading;
  context.product_key =
      protocol::aes_key_from_hex(now.product->product_key).value_or(context.product_key);
  context.device_secret =
      protocol::aes_key_from_hex(now.device->device_secret).value_or(context.device_secret);
  context.keys = keys;
  auto opened = protocol::open_payload(frame, now.topic.name, context, now.aes);
  if (opened) {
    key_use = use_of_key(now, rows, *opened);
  }
  return opened;
}

PayloadQuestion question_about(const Case& now, const nlohmann::json& payload) {
  return {.device_id = now.device->device_id,
          .device = {now.device->product_id, now.device->node_eui},
          .topic = now.topic.name,
          .payload = payload};
}

/// TRACE-1: whose topic names an answer is on, where the source has two (TOPIC-4).
std::string_view names_of(TopicName topic) {
  switch (topic) {
    case TopicName::downlink_ack:
      return "section";
    case TopicName::downlink_ack_table:
      return "table";
    default:
      return {};
  }
}

void add_note(Decided& decided, std::string_view text) {
  std::string& note = decided.effects.note;
  note += (note.empty() ? "" : "; ") + std::string(text);
  decided.row.note = note;
}

/// TRACE-1: what this message shows of the readings that its device follows. Told with the message
/// that shows something new, and written then only.
void learn_readings(Case& now, const protocol::OpenedPayload& opened, Decided& decided) {
  const auto found = now.state.devices.find({now.device->product_id, now.device->node_eui});
  store::Readings& known = found->second.readings;
  const store::Readings before = known;
  if (opened.reading) {
    decided.row.key_reading = std::string(protocol::to_string(*opened.reading));
    if (known.key_reading != opened.reading) {
      add_note(decided, "the device derives its session key as " + *decided.row.key_reading);
      known.key_reading = opened.reading;
    }
  }
  if (const auto names = names_of(now.topic.name); !names.empty() && known.acked_names != names) {
    add_note(decided, "the device answers under the " + std::string(names) + "'s topic names");
    known.acked_names = names;
  }
  if (known != before) {
    decided.readings = store::ReadingsRow{now.device->device_id, now.device->product_id, known};
    decided.readings->readings.heard_names.clear();  // another worker's, who may just learn more
  }
}

bool carries_hex(TopicName topic) {
  return topic == TopicName::hex_report || topic == TopicName::hex_full;
}

/// JSON that was encoded twice, where JSON is wanted.
std::string_view encoded_twice(TopicName topic, const nlohmann::json& payload) {
  return carries_hex(topic) ? std::string_view() : protocol::explain_string_payload(payload);
}

/// A plain product's Payload that looks like a ciphertext, or like JSON that was encoded twice.
void look_for_disguise(const Case& now, const protocol::OpenedPayload& opened, Decided& decided) {
  const auto topic = now.topic.name;
  if (opened.was_encrypted || (topic != TopicName::uplink && !carries_hex(topic))) {
    return;
  }
  if (const auto twice = encoded_twice(topic, opened.payload); !twice.empty()) {
    add_note(decided, twice);
    decided.row.warning = true;
  }
  if (protocol::looks_encrypted(opened.payload)) {
    decided.question = question_about(now, opened.payload);
    decided.question->accepted = true;
  }
}

/// A flow wanted another Payload than it got: where that is a string, what it may be.
FrameRefusal explained(FrameRefusal refusal, const Case& now, const protocol::OpenedPayload& opened,
                       Decided& decided) {
  if (const auto twice = encoded_twice(now.topic.name, opened.payload); !twice.empty()) {
    refusal.reason += ": " + std::string(twice);
  } else if (!opened.was_encrypted && protocol::looks_encrypted(opened.payload)) {
    decided.question = question_about(now, opened.payload);
  }
  return refusal;
}

/// ID-6: the product's kind says by which topics its devices report.
tl::expected<void, FrameRefusal> check_kind(const store::Product& product, TopicName topic) {
  if (protocol::may_report(product.kind, topic)) {
    return {};
  }
  const std::string kind(protocol::to_string(product.kind));
  return tl::unexpected(FrameRefusal{
      "ID-6",
      "the product's kind is " + kind + ": its devices do not report on this topic (ID-6)",
      {},
      {}});
}

/// The table of flows.
store::FlowResult flow(const protocol::TopicMatch& topic, const store::OpenedMessage& message) {
  switch (topic.name) {
    case TopicName::uplink:
      return flows::uplink(message);
    case TopicName::update_time:
      return flows::update_time(message);
    case TopicName::firmware_report:
      return flows::firmware_report(message);
    case TopicName::property_report:
      return flows::property_report(message);
    case TopicName::event_report:
      return flows::event_report(message);
    case TopicName::history_report:
      return flows::history_report(message);
    case TopicName::ota_notify_ack:
      return flows::ota_notify_ack(message);
    case TopicName::config_report:
      return flows::config_report(message);
    case TopicName::downlink_ack:
    case TopicName::downlink_ack_table:
    case TopicName::property_set_ack:
    case TopicName::service_ack:
    case TopicName::hex_downlink_ack:
      return flows::command_ack(message);
    case TopicName::hex_report:
    case TopicName::hex_full:
      return flows::hex(message);
    default:
      return flows::unsupported(protocol::row_of(topic.name).requirement);
  }
}

/// PROP-1, HIST-1: the identifiers of a device are as many as its model's, or bounded.
tl::expected<void, FrameRefusal> check_identifiers(const Case& now, const store::Accepted& accepted,
                                                   IdentifierBound* bound) {
  if (bound == nullptr || accepted.properties.empty()) {
    return {};
  }
  const auto found = bound->reported.find(now.device->device_id);
  if (found == bound->reported.end()) {
    return {};
  }
  auto& reported = found->second;
  store::Identifiers added;
  for (const store::PropertyRow& row : accepted.properties) {
    if (!reported.contains(row.identifier)) {
      added.insert(row.identifier);
    }
  }
  if (!added.empty() && reported.size() + added.size() > static_cast<std::size_t>(bound->most)) {
    return tl::unexpected(FrameRefusal{
        "PROP-1",
        "a device may report at most " + std::to_string(bound->most) +
            " different identifiers, and this one has " + std::to_string(reported.size()) +
            ": the new one \"" + *added.begin() + "\" is not stored; a thing model sets no bound",
        {},
        {}});
  }
  reported.merge(added);
  return {};
}

std::optional<mqtt::Publish> on_ack_topic(const protocol::TopicMatch& topic, std::string payload) {
  const auto ack = protocol::row_of(topic.name).ack;
  if (!ack) {
    return std::nullopt;
  }
  mqtt::Publish reply;
  reply.topic = protocol::build_topic(*ack, topic.device, topic.identifier);
  reply.payload = std::move(payload);
  return reply;
}

/// model/hex carries no MessageId: its ack's is one of ours (HEX-3).
protocol::MessageId id_to_answer(const protocol::TopicMatch& topic,
                                 const protocol::MessageId& sent) {
  return topic.name == TopicName::hex_full ? protocol::new_message_id() : sent;
}

void refuse(Decided& decided, const protocol::TopicMatch& topic, const FrameRefusal& refusal) {
  decided.row.requirement = refusal.requirement;
  decided.row.reason = refusal.reason;
  decided.violation = refusal.reason != flows::not_supported_yet;
  if (refusal.message_id && !decided.row.message_id) {
    decided.row.message_id = refusal.message_id.text();
  }
  if (refusal.header_ctrl && !decided.row.header_ctrl) {
    decided.row.header_ctrl = *refusal.header_ctrl;
  }
  const auto id = id_to_answer(topic, refusal.message_id);
  if (!id) {
    return;  // FRAME-5: nothing to reply to
  }
  const auto known = protocol::row_of(topic.name).header_ctrls;
  const int ctrl = refusal.header_ctrl.value_or(known.empty() ? 0 : known.front());
  decided.reply = on_ack_topic(topic, protocol::build_failure_ack(id, ctrl, refusal.reason));
  if (decided.reply) {
    decided.row.code = std::string(protocol::code_failure);
  }
}

/// HEX-4: for whoever mends the script. What is accepted needs no trace.
void note_what_was_printed(Decided& decided, const Received& received) {
  if (received.script != nullptr && !received.script->printed.empty()) {
    decided.row.note = "console: " + received.script->printed;
  }
}

void accept(Decided& decided, const protocol::TopicMatch& topic, const protocol::Frame& frame,
            store::Accepted accepted) {
  decided.effects = std::move(accepted);
  if (!decided.effects.note.empty()) {
    decided.row.note = decided.effects.note;
  }
  decided.row.warning = decided.effects.warning;
  const auto& data = decided.effects.ack_data;
  const auto id = id_to_answer(topic, frame.message_id);
  if (!id) {
    return;
  }
  decided.reply =
      on_ack_topic(topic, protocol::build_ack(id, frame.header_ctrl, data ? &*data : nullptr));
  if (decided.reply) {
    decided.row.code = std::string(protocol::code_success);
  }
}

/// Topics on which a device says nothing of its own.
bool is_command_ack(TopicName name) {
  return protocol::may_answer(name) && !protocol::answers_unnumbered(name) &&
         name != TopicName::property_report;
}

/// Every accepted message may be a device's answer to a command.
void look_for_answer(Decided& decided, const store::OpenedMessage& message, store::State& state) {
  auto answer = flows::answer(message, decided.effects);
  if (!answer) {
    if (is_command_ack(message.topic.name)) {
      add_note(decided, "answers no command of ours");
      decided.row.warning = true;
    }
    return;
  }
  add_note(decided, answer->note);
  decided.row.warning = decided.row.warning || answer->warning;
  flows::apply(answer->command, message.device.device_id, state);
  decided.answer = std::move(answer->command);
}

/// The messages of the batch that follow meet the upgrade as this one leaves it.
void remember_upgrade(const store::Accepted& effects, store::State& state) {
  if (!effects.upgrade) {
    return;
  }
  for (store::UpgradeRow& row : state.upgrades[effects.upgrade->device_id]) {
    if (row.upgrade_id == effects.upgrade->upgrade_id) {
      row.upgrade = effects.upgrade->upgrade;
    }
  }
}

/// The session that the broker stamped; empty on most topics.
std::string_view session_of(const Received& received) {
  for (const auto& [name, value] : received.message.user_properties) {
    if (name == link::property_session) {
      return value;
    }
  }
  return {};
}

Decided new_decision(const Received& received, const protocol::TopicMatch& topic) {
  Decided decided;
  decided.row.received_at_ms = received.received_at_ms;
  decided.row.product_id = topic.device.product_id;
  decided.row.node_eui = topic.device.node_eui;
  decided.row.topic = received.message.topic;
  decided.row.raw = received.message.payload;
  decided.row.redelivered = received.message.dup;
  return decided;
}

/// A later step's refusal answers with what the frame said, whether or not the step repeats it.
FrameRefusal answering(FrameRefusal refusal, const protocol::Frame& frame) {
  if (!refusal.message_id) {
    refusal.message_id = frame.message_id;
  }
  if (!refusal.header_ctrl) {
    refusal.header_ctrl = frame.header_ctrl;
  }
  return refusal;
}

}  // namespace

Decided decide_device_message(const Received& received, const protocol::TopicMatch& topic,
                              store::State& state, std::int64_t now_ms, std::string_view zone,
                              protocol::Aes& aes, IdentifierBound* bound) {
  Decided decided = new_decision(received, topic);
  Case now{received, topic, state, now_ms, zone, aes};

  const auto found = find_device(now);
  if (now.device != nullptr) {
    decided.row.device_id = now.device->device_id;
  }
  const auto frame = protocol::parse_frame(received.message.payload, topic.name);
  if (!frame) {
    refuse(decided, topic, frame.error());
    return decided;
  }
  if (frame->message_id) {
    decided.row.message_id = frame->message_id.text();
  }
  decided.row.header_ctrl = frame->header_ctrl;
  if (const auto admitted = found ? within_limits(received) : found; !admitted) {
    refuse(decided, topic, answering(admitted.error(), *frame));
    return decided;
  }
  const auto opened = open(now, *frame, decided.key_use);
  if (!opened) {
    refuse(decided, topic, answering(opened.error(), *frame));
    decided.question = question_about(now, frame->payload);
    return decided;
  }
  decided.row.payload = opened->text;
  decided.row.encrypted = opened->was_encrypted;
  if (const auto fits = check_kind(*now.product, topic.name); !fits) {
    refuse(decided, topic, answering(fits.error(), *frame));
    return decided;
  }

  const store::OpenedMessage message{.frame = *frame,
                                     .payload = opened->payload,
                                     .payload_text = opened->text,
                                     .topic = topic,
                                     .product = *now.product,
                                     .device = *now.device,
                                     .state = state,
                                     .script = received.script.get(),
                                     .session = session_of(received),
                                     .redelivered = received.message.dup,
                                     .received_at_ms = received.received_at_ms,
                                     .now_ms = now_ms,
                                     .zone = zone};
  auto result = flow(topic, message);
  if (!result) {
    auto refusal = explained(std::move(result.error()), now, *opened, decided);
    refuse(decided, topic, answering(std::move(refusal), *frame));
    note_what_was_printed(decided, received);
    return decided;
  }
  if (const auto fits = check_identifiers(now, *result, bound); !fits) {
    refuse(decided, topic, answering(fits.error(), *frame));
    note_what_was_printed(decided, received);
    return decided;
  }
  accept(decided, topic, *frame, std::move(*result));
  remember_upgrade(decided.effects, state);
  look_for_answer(decided, message, state);
  learn_readings(now, *opened, decided);
  look_for_disguise(now, *opened, decided);
  return decided;
}

}  // namespace xgate::ingest
