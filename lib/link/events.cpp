// SPDX-License-Identifier: Apache-2.0
#include "link/events.hpp"

#include <array>
#include <string_view>

#include "link/members.hpp"
#include "protocol/json.hpp"

namespace xgate::link {

// Found by argument, so they stand in the namespace itself.

/// How often it was exceeded, by Limit.
static constexpr std::array<const char*, limit_count> exceeded_names{
    "limit_1", "limit_2", "limit_3", "limit_4", "limit_5", "limit_6", "limit_7"};

static constexpr std::array<std::string_view, 4> names_of(Refused::What /*what*/) {
  return {"login", "publish", "subscribe", "will"};
}
std::string_view to_string(Refused::What what) noexcept {
  return names_of(what)[static_cast<std::size_t>(what)];
}

template <class Visitor, OneOf<Online> T>
static void describe(Visitor& visit, T& event) {
  visit("session", event.session);
  visit("device", event.device);
  visit("auth_login", event.auth_login);
  visit("client_id", event.client_id);
  visit("address", event.address);
  visit.optional("clean_start", event.clean_start);
  visit("login_type", event.login_type);
  visit("timestamp", event.timestamp);
  visit("at_ms", event.at_ms);
}

template <class Visitor, OneOf<Offline> T>
static void describe(Visitor& visit, T& event) {
  visit("session", event.session);
  visit("device", event.device);
  visit("auth_login", event.auth_login);
  visit("at_ms", event.at_ms);
  visit.optional("kept", event.kept);
}

template <class Visitor, OneOf<Listening> T>
static void describe(Visitor& visit, T& event) {
  visit("session", event.session);
  visit("device", event.device);
  visit.optional("filter", event.filter);
  visit.optional("given_up", event.given_up);
  visit.optional("unheard", event.unheard);
  visit.optional("short_of_places", event.short_of_places);
}

template <class Visitor, OneOf<TooLarge> T>
static void describe(Visitor& visit, T& event) {
  visit("device", event.device);
  visit("bytes", event.bytes);
  visit("at_ms", event.at_ms);
}

template <class Visitor, OneOf<Refused> T>
static void describe(Visitor& visit, T& event) {
  visit("what", event.what);
  visit("device", event.device);
  visit("client_id", event.client_id);
  visit("username", event.username);
  visit("address", event.address);
  visit("topic", event.topic);
  visit("requirement", event.requirement);
  visit("reason", event.reason);
  visit("password", event.password);
  visit.optional("also", event.also);
  visit.optional("wait_ms", event.wait_ms);
  visit("at_ms", event.at_ms);
}

template <class Visitor, OneOf<RefusalsDropped> T>
static void describe(Visitor& visit, T& event) {
  visit("count", event.count);
}

template <class Visitor, OneOf<LiveSessions> T>
static void describe(Visitor& visit, T& event) {
  visit("sync", event.sync);
  visit("up_to_session", event.up_to_session);
  visit("last", event.last);
  visit.optional("part", event.part);
  visit("sessions", event.sessions);
}

template <class Visitor, OneOf<EventBatch> T>
static void describe(Visitor& visit, T& batch) {
  visit("broker", batch.broker);
  visit("epoch", batch.epoch);
  visit("epoch_started_ms", batch.epoch_started_ms);
  visit("sequence", batch.sequence);
  visit.optional("reads_addresses", batch.reads_addresses);
  visit.optional("counts_queue", batch.counts_queue);
  visit.optional("queued_messages", batch.queued_messages);
  visit.optional("queued_bytes", batch.queued_bytes);
  for (std::size_t i = 0; i < limit_count; ++i) {
    visit.optional(exceeded_names[i], batch.exceeded[i]);
  }
}

namespace {

template <class Use>
auto with_event_kinds(const Use& use) {
  return use(Named<Online>{"online"}, Named<Offline>{"offline"}, Named<Listening>{"listening"},
             Named<TooLarge>{"too_large"}, Named<Refused>{"refused"},
             Named<RefusalsDropped>{"refusals_dropped"}, Named<LiveSessions>{"live_sessions"});
}

// MQTT carries at most this; a broker may allow less.
constexpr protocol::JsonLimits batch_limits{.max_bytes = 256UL * 1024 * 1024, .max_depth = 8};

}  // namespace

std::string encode(const EventBatch& batch) { return encode(batch, batch.events); }

std::string encode(const EventBatch& head, std::span<const Event> events) {
  constexpr std::size_t usual_event = 320;
  std::string text;
  text.reserve((events.size() + 1) * usual_event);
  MemberWriter writer(text);
  describe(writer, head);
  writer.name("events");
  text += '[';
  for (const auto& event : events) {
    if (&event != &events.front()) text += ',';
    with_event_kinds([&](const auto&... kinds) { write_variant(text, event, kinds...); });
  }
  text += ']';
  writer.end();
  return text;
}

tl::expected<EventBatch, std::string> decode_events(std::string_view json) {
  const auto object = protocol::parse_json(json, batch_limits);
  if (!object) return tl::make_unexpected(object.error());
  auto batch = MemberReader::read<EventBatch>(*object);
  if (!batch) return batch;
  const auto events = object->find("events");
  if (events == object->end() || !events->is_array()) {
    return tl::make_unexpected(std::string("events is not a list"));
  }
  batch->events.reserve(events->size());
  for (const auto& item : *events) {
    auto event =
        with_event_kinds([&](const auto&... kinds) { return read_variant<Event>(item, kinds...); });
    if (!event) {
      return tl::make_unexpected("event " + std::to_string(batch->events.size() + 1) + ": " +
                                 event.error());
    }
    batch->events.push_back(std::move(*event));
  }
  return batch;
}

}  // namespace xgate::link
