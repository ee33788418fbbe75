// SPDX-License-Identifier: Apache-2.0
#include "service/ingest/auth_requests.hpp"

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "link/address.hpp"
#include "link/control.hpp"
#include "link/topics.hpp"
#include "protocol/frame.hpp"
#include "protocol/session_key.hpp"
#include "protocol/topic.hpp"
#include "service/flows/auth.hpp"
#include "service/ingest/commit.hpp"
#include "service/ingest/new_keys.hpp"
#include "service/observe/log.hpp"
#include "service/store/directory.hpp"
#include "service/store/messages.hpp"
#include "service/store/registrations.hpp"

namespace xgate::ingest {
namespace {

/// Who sent it, from what the broker stamped on it; nothing else is trusted (AUTH-4).
std::optional<protocol::IdentityView> stamped_login(const mqtt::Publish& message) {
  protocol::IdentityView id;
  for (const auto& [name, value] : message.user_properties) {
    if (name == link::property_open_id) {
      id.open_id = value;
    } else if (name == link::property_product_id) {
      id.product_id = value;
    } else if (name == link::property_node_eui) {
      id.node_eui = value;
    }
  }
  const bool whole = protocol::is_open_id(id.open_id) && protocol::is_product_id(id.product_id) &&
                     protocol::is_node_eui(id.node_eui);
  return whole ? std::optional(id) : std::nullopt;
}

/// Of the stamp; empty where an older plugin does not say.
std::string_view stamped(const mqtt::Publish& message, std::string_view property) {
  for (const auto& [name, value] : message.user_properties) {
    if (name == property) return value;
  }
  return {};
}

/// One request through the batch.
struct Asked {
  const Received& received;
  std::optional<protocol::IdentityView> login;
  std::optional<flows::AuthAsked> asked;
  std::optional<protocol::FrameRefusal> unreadable;
  protocol::AuthVerdict verdict;
  std::optional<protocol::SessionKeySeed> seed;
  std::optional<flows::RegistrationRefusal::Limit> over;  ///< that its registration is

  flows::AuthMessage message() const { return {*login, received.message.payload}; }
  store::DeviceName name() const {
    return {std::string(login->product_id), std::string(login->node_eui)};
  }
};

std::vector<Asked> read_all(std::span<const Received> batch) {
  std::vector<Asked> all;
  all.reserve(batch.size());
  for (const Received& received : batch) {
    Asked one{.received = received,
              .login = stamped_login(received.message),
              .asked = {},
              .unreadable = {},
              .verdict = {},
              .seed = {},
              .over = {}};
    if (one.login) {
      auto asked = flows::read_auth(one.message());
      if (asked) {
        one.asked = std::move(*asked);
      } else {
        one.unreadable = std::move(asked.error());
      }
    }
    all.push_back(std::move(one));
  }
  return all;
}

/// LIMIT-4: Code 1, "ask again later".
bool judge_limit(Asked& one) {
  if (!one.received.exceeded) return false;
  one.verdict = {};
  one.verdict.requirement = link::requirement(one.received.exceeded->limit);
  one.verdict.reason = link::reason(*one.received.exceeded);
  return true;
}

void judge(Asked& one, const store::State& state) {
  if (judge_limit(one)) return;
  one.verdict = flows::judge_auth(one.message(), *one.asked, state.product(one.login->product_id),
                                  state.device(one.name()));
}

/// AUTH-7: each new device once, however often it asks in this batch.
std::vector<store::Device> to_register(const std::vector<Asked>& all) {
  std::map<store::DeviceName, store::Device> fresh;
  for (const Asked& one : all) {
    if (!one.asked || !one.verdict.register_device) {
      continue;
    }
    store::DeviceName name = one.name();
    if (!fresh.contains(name)) {
      store::Device device;
      device.product_id = name.product_id;
      device.node_eui = name.node_eui;
      device.device_secret = protocol::new_device_secret();
      fresh.emplace(std::move(name), std::move(device));
    }
  }
  std::vector<store::Device> devices;
  devices.reserve(fresh.size());
  for (auto& [name, device] : fresh) {
    devices.push_back(std::move(device));
  }
  return devices;
}

/// A verdict on what is stored now. One that would still register found no room, or lost its
/// product.
void judge_stored(Asked& one, const store::State& state, const store::RegistrationRooms& rooms) {
  judge(one, state);
  if (!one.verdict.register_device) {
    return;
  }
  const auto room = rooms.find(one.login->product_id);
  if (room != rooms.end()) {
    auto refusal = flows::refuse_registration(room->second);
    one.over = refusal.limit;
    one.verdict = std::move(refusal.verdict);
    return;
  }
  one.verdict = protocol::AuthVerdict{};
  one.verdict.requirement = "AUTH-7";
  one.verdict.reason = "the product was deleted while the device was being registered";
}

std::vector<store::NewKey> issue_keys(std::vector<Asked>& all, const store::State& state,
                                      std::int64_t now_ms) {
  std::vector<store::NewKey> keys;
  for (Asked& one : all) {
    if (!one.asked || one.verdict.code != protocol::AuthCode::success ||
        !one.verdict.issue_session_key) {
      continue;
    }
    const store::Product& product = *state.product(one.login->product_id);
    one.seed = protocol::SessionKeySeed{protocol::new_session_id(), protocol::new_nonce()};
    keys.push_back({.device_id = state.device(one.name())->device_id,
                    .seed = *one.seed,
                    .issued_at_ms = now_ms,
                    .expires_at_ms = now_ms + product.key_lifetime_s * 1000,
                    .tell_until_ms = std::nullopt});
  }
  return keys;
}

/// Of a good request by the ProductKey; a V2_ login has shown that it knows the secret.
std::string doubt_about(const Asked& one, const store::Device* device) {
  const auto& message = one.received.message;
  if (device == nullptr || one.verdict.code != protocol::AuthCode::success ||
      stamped(message, link::property_login) != "auth") {
    return {};
  }
  return flows::doubt_about_asker(stamped(message, link::property_address), *device);
}

store::MessageRow row_of(const Asked& one, const store::State& state) {
  store::MessageRow row;
  row.received_at_ms = one.received.received_at_ms;
  row.topic = one.received.message.topic;
  row.raw = one.received.message.payload;
  row.redelivered = one.received.message.dup;
  row.product_id = one.login->product_id;
  row.node_eui = one.login->node_eui;
  if (const store::Device* device = state.device(one.name())) {
    row.device_id = device->device_id;
  }
  if (one.asked) {
    row.message_id = one.asked->frame.message_id.text();
    row.header_ctrl = one.asked->frame.header_ctrl;
    row.payload = one.asked->frame.payload_text;
    row.code = std::to_string(static_cast<int>(one.verdict.code));
    if (one.verdict.code != protocol::AuthCode::success) {
      row.requirement = one.verdict.requirement;
      row.reason = one.verdict.reason;
    } else if (auto doubt = doubt_about(one, state.device(one.name())); !doubt.empty()) {
      row.note = std::move(doubt);
      row.warning = true;
    }
  } else {
    row.requirement = one.unreadable->requirement;
    row.reason = one.unreadable->reason;
    row.header_ctrl = one.unreadable->header_ctrl;
    if (one.unreadable->message_id) {
      row.message_id = one.unreadable->message_id.text();
      row.code = std::string(protocol::code_failure);
    }
  }
  return row;
}

/// For the session that asked, and no later one of whoever is known by that name then.
mqtt::Publish on_downlink(const protocol::IdentityView& login, const mqtt::Publish& request,
                          std::string payload) {
  mqtt::Publish reply;
  reply.topic = protocol::build_topic(protocol::TopicName::downlink, login);
  // the session that asked, "epoch/number"
  if (const auto session = stamped(request, link::property_session); !session.empty()) {
    reply.topic = link::addressed_topic(session, 0, reply.topic);
  }
  reply.payload = std::move(payload);
  return reply;
}

void reply_to(const Asked& one, const store::State& state, Outbound& out) {
  if (!one.asked) {
    // FRAME-5. HeaderCtrl 1 whatever was sent: nothing else reaches an AUTH- login (AUTH-2).
    if (one.unreadable->message_id) {
      out.publishes.push_back(on_downlink(
          *one.login, one.received.message,
          protocol::build_auth_failure(one.unreadable->message_id, one.unreadable->reason)));
    }
    return;
  }
  const store::Device* device = state.device(one.name());
  if (one.verdict.code == protocol::AuthCode::success && device != nullptr) {
    // First the plugin learns of the device, on this same connection (AUTH-9).
    mqtt::Publish know;
    know.topic = link::control_topic;
    know.payload = link::encode(
        link::KnowDevice{.device = one.login->owned(),
                         .device_secret = device->device_secret,
                         .enabled = device->enabled,
                         .revision = device->revision,
                         .registration = static_cast<std::uint32_t>(device->device_id & 0xffffff)});
    out.publishes.push_back(std::move(know));
  }
  out.publishes.push_back(on_downlink(
      *one.login, one.received.message,
      flows::auth_reply(*one.asked, one.verdict, device, one.seed ? &*one.seed : nullptr)));
}

pg::Result<void> write(pg::Connection& connection, std::vector<Asked>& all, store::State& state,
                       std::int64_t now_ms, std::vector<store::MessageRow>& rows,
                       observe::Metrics& metrics) {
  auto transaction = pg::Transaction::begin(connection);
  if (!transaction) {
    return tl::unexpected(transaction.error());
  }
  const std::vector<store::Device> fresh = to_register(all);
  const auto rooms = store::register_devices(connection, state, fresh);
  if (!rooms) {
    return tl::unexpected(rooms.error());
  }
  for (Asked& one : all) {
    if (one.asked && one.verdict.register_device) {
      judge_stored(one, state, *rooms);
    }
  }
  const std::vector<store::NewKey> keys = issue_keys(all, state, now_ms);
  Tally tally;
  if (auto done = store_new_keys(connection, keys, tally); !done) {
    return done;
  }
  for (const Asked& one : all) {
    if (one.login) {
      rows.push_back(row_of(one, state));
    }
  }
  if (auto done = store::insert_messages(connection, rows); !done) {
    return done;
  }
  auto done = commit(*transaction, metrics);
  if (done) {
    tally.count(metrics);
  }
  return done;
}

}  // namespace

AuthRequests::AuthRequests(observe::Metrics& metrics, Clock clock)
    : metrics_(metrics), clock_(std::move(clock)) {}

pg::Result<Outbound> AuthRequests::process(pg::Connection& connection,
                                           std::span<const Received> batch) {
  std::vector<Asked> all = read_all(batch);
  std::set<store::DeviceName> names;
  for (const Asked& one : all) {
    if (one.login) {
      names.insert(one.name());
    }
  }
  auto state = store::read_state(connection, names);
  if (!state) {
    return tl::unexpected(state.error());
  }
  for (Asked& one : all) {
    if (one.asked) {
      judge(one, *state);
    }
  }
  const std::int64_t now_ms = clock_();
  std::vector<store::MessageRow> rows;
  if (auto written = write(connection, all, *state, now_ms, rows, metrics_); !written) {
    return tl::unexpected(written.error());
  }
  Outbound out;
  for (const Asked& one : all) {
    out.acks.push_back(one.received.token);
    if (!one.login) {
      observe::warn("an auth request without the broker's stamp is ignored (AUTH-4)");
      continue;
    }
    reply_to(one, *state, out);
    count(one.asked ? std::optional(one.verdict.code) : std::nullopt);
    if (one.over) {
      const bool quota = *one.over == flows::RegistrationRefusal::Limit::quota;
      (quota ? metrics_.registrations_over_quota : metrics_.registrations_over_rate).Increment();
    }
  }
  for (const store::MessageRow& row : rows) {
    if (row.reason) {
      violations_.note(row.product_id + '.' + row.node_eui, row.topic, *row.requirement,
                       *row.reason, now_ms);
    }
    if (row.warning) warn(row, now_ms);
  }
  return out;
}

void AuthRequests::warn(const store::MessageRow& row, std::int64_t now_ms) {
  metrics_.doubtful_auth.Increment();
  const auto device = row.product_id + '.' + row.node_eui;
  std::uint64_t untold = 0;
  if (!warnings_.admit(device, now_ms, untold)) return;
  const auto more =
      untold > 0 ? " (" + std::to_string(untold) + " more not shown before)" : std::string();
  observe::warn("AUTH-11 device={} note={}{}", observe::Quoted(device), observe::Quoted(*row.note),
                observe::Words(more));
}

void AuthRequests::count(std::optional<protocol::AuthCode> code) {
  const bool good = code == protocol::AuthCode::success;
  metrics_
      .messages(protocol::TopicName::auth,
                good ? observe::Verdict::accepted : observe::Verdict::refused)
      .Increment();
  if (code) {
    metrics_.auth_replies(*code).Increment();
  }
}

pg::Result<Outbound> AuthRequests::give_up(pg::Connection& /*connection*/, const Received& message,
                                           const pg::Error& error) {
  observe::error("an auth request could not be stored and is given up: {}",
                 observe::Words(error.message));
  return *while_away({&message, 1});
}

std::optional<Outbound> AuthRequests::while_away(std::span<const Received> batch) {
  Outbound out;
  for (const Received& received : batch) {
    out.acks.push_back(received.token);
    const auto login = stamped_login(received.message);
    if (!login) {
      continue;
    }
    if (auto reply = flows::busy_reply({*login, received.message.payload})) {
      out.publishes.push_back(on_downlink(*login, received.message, std::move(*reply)));
      count(protocol::AuthCode::busy);
    }
  }
  return out;
}

}  // namespace xgate::ingest
