// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "protocol/auth.hpp"
#include "protocol/command.hpp"
#include "protocol/identity.hpp"
#include "protocol/ota.hpp"
#include "protocol/payload.hpp"
#include "protocol/session_key.hpp"
#include "protocol/thing_model.hpp"
#include "protocol/used_timestamps.hpp"

// Rows as they are read and written: plain data, so that the flows need no database.
// Every time is Unix milliseconds.
namespace xgate::store {

struct Product {
  std::string product_id;
  std::string open_id;
  std::string product_key;  ///< 32 hex digits, as issued
  protocol::AuthType auth_type = protocol::AuthType::product_secret_unregistered;
  bool encrypted = false;
  bool enabled = false;  ///< the product and its vendor
  std::string version;
  std::int64_t key_lifetime_s = 0;
  std::optional<protocol::KeyReading> key_reading;  ///< unset: auto (ENC-2)
  std::optional<bool> reveal_device_secret;
  protocol::Reauth reauth = protocol::Reauth::always;
  bool accept_plaintext = false;
  protocol::ProductKind kind = protocol::ProductKind::transparent;
  std::string model_id;          ///< of its newest thing model; empty: it has none
  bool keep_violations = false;  ///< what does not fit the model is kept and noted, not refused
};

/// Which readings of the protocol a device was seen to follow (TRACE-1).
struct Readings {
  std::optional<protocol::KeyReading> key_reading;  ///< ENC-2
  std::string heard_names;  ///< TOPIC-4: "section", "table", as it last subscribed; or empty
  std::string acked_names;  ///< likewise, as it last answered
  bool operator==(const Readings&) const = default;
};

struct Device {
  std::int64_t device_id = 0;
  std::string product_id;
  std::string node_eui;
  std::string device_secret;  ///< 32 hex digits
  bool enabled = false;
  bool activated = false;
  bool online = false;
  std::string address;  ///< of its last V2_ login; empty: unknown
  std::int64_t revision = 0;
  Readings readings;
};

/// The readings of a device, where they have changed.
struct ReadingsRow {
  std::int64_t device_id = 0;
  std::string product_id;
  Readings readings;
};

/// One session key with what the store knows beyond protocol::SessionKey.
struct SessionKeyRow {
  protocol::SessionKey key;
  std::int64_t issued_at_ms = 0;
  std::int64_t expires_at_ms = 0;
  bool used = false;
  bool by_update = false;  ///< issued for Command 3 (KEY-1), not by an auth reply
  bool told = false;       ///< of these: Command 3 was sent
};

/// A device's key. Ordered by product first.
struct DeviceName {
  std::string product_id;
  std::string node_eui;
  bool operator==(const DeviceName&) const = default;
  bool operator<(const DeviceName& other) const noexcept {
    return std::tie(product_id, node_eui) < std::tie(other.product_id, other.node_eui);
  }
};

/// A command as its answer finds it; also a settled one, for what comes late or twice.
struct OpenCommand {
  std::int64_t command_id = 0;
  protocol::CommandKind kind = protocol::CommandKind::down;
  std::string service;  ///< of `call`: the identifier
  std::int64_t message_id = 0;
  protocol::CommandState state = protocol::CommandState::queued;
  std::optional<std::int64_t> sent_at_ms;  ///< the last time
  std::string down_id;                     ///< of `ota_notify`
};

/// An upgrade of a module of a device, as its messages find it: live, or lately ended.
struct UpgradeRow {
  std::int64_t upgrade_id = 0;
  std::int64_t job_id = 0;
  std::int64_t revision = 0;
  std::string module;
  std::string down_id;
  std::string file_name;
  std::string md5;
  std::int64_t size = 0;
  std::int64_t time_limit_ms = 0;
  /// Its ota_notify, where that is not settled.
  std::optional<std::int64_t> command_id;
  protocol::Upgrade upgrade;
};

/// What a batch needs to know, as one read set.
struct State {
  std::map<std::string, Product, std::less<>> products;
  std::map<DeviceName, Device> devices;
  /// By device_id, newest first.
  std::map<std::int64_t, std::vector<SessionKeyRow>> keys;
  /// By product_id: its newest thing model, compiled; absent: it has none. Only of products whose
  /// messages in the batch need it.
  std::map<std::string, std::shared_ptr<const protocol::ThingModel>, std::less<>> models;
  /// By device_id, oldest first: those that a message of the batch may answer.
  std::map<std::int64_t, std::vector<OpenCommand>> commands;

  /// By device_id; read only for batches that hold firmware_report or ota_notify_ack.
  std::map<std::int64_t, std::vector<UpgradeRow>> upgrades;
  /// Setting: what devices are told to download from (OTA-1).
  std::string download_base;

  const Product* product(std::string_view product_id) const {
    const auto found = products.find(product_id);
    return found == products.end() ? nullptr : &found->second;
  }
  const Device* device(const DeviceName& name) const {
    const auto found = devices.find(name);
    return found == devices.end() ? nullptr : &found->second;
  }
};

struct MessageRow {
  std::int64_t received_at_ms = 0;
  std::optional<std::int64_t> device_id;
  std::string product_id;
  std::string node_eui;
  std::string topic;
  std::optional<std::string> message_id;  ///< JSON text
  std::optional<int> header_ctrl;
  std::optional<std::string> payload;  ///< JSON text, decrypted
  bool encrypted = false;
  std::string raw;
  bool redelivered = false;
  std::optional<std::string> code;
  std::optional<std::string> requirement;
  std::optional<std::string> reason;
  /// What else there is to say: of an accepted message a coerced value, the command it settled; of
  /// a refused one what the parsing script printed.
  std::optional<std::string> note;
  bool warning = false;  ///< accepted, but `note` tells of something that its maker should mend
  /// TRACE-1: the usual mistake behind `reason`. For operators: the device must not be told.
  std::optional<std::string> explanation;
  std::optional<std::string> key_reading;  ///< ENC-2: of the key that opened it
};

/// A property's value, as reported (PROP-1, HIST-1) and after coercion.
struct PropertyRow {
  std::int64_t device_id = 0;
  std::string identifier;
  std::string value;                ///< JSON text
  std::int64_t device_time_ms = 0;  ///< when the device says; else when it was received
  std::int64_t received_at_ms = 0;
};

struct EventRow {
  std::int64_t device_id = 0;
  std::string identifier;
  std::string type;    ///< "info", "alert", "error"; empty: the model does not know it
  std::string params;  ///< JSON text
  std::int64_t device_time_ms = 0;
  std::int64_t received_at_ms = 0;
};

/// CONF-1: the last settings that a device reported.
struct ConfigRow {
  std::int64_t device_id = 0;
  std::string settings;  ///< JSON text
  std::int64_t reported_at_ms = 0;
};

/// A command to be queued; sent by the dispatcher, never before this is committed.
struct NewCommand {
  std::int64_t device_id = 0;
  protocol::CommandKind kind = protocol::CommandKind::down;
  std::string service;  ///< of `call`
  std::string request;  ///< JSON text: what was asked for, in the application's words
  protocol::TopicName topic = protocol::TopicName::downlink;
  int header_ctrl = 0;
  std::string payload;  ///< JSON text: the frame's Payload, plain
  bool encrypt = false;
  std::int64_t created_at_ms = 0;
  std::int64_t expires_at_ms = 0;
  std::string idempotency_key;      ///< empty: none
  std::int64_t message_id = 0;      ///< 0: chosen when it is stored
  std::int64_t session_key_id = 0;  ///< of `key_update`, whose payload is made of that key; else 0
};

/// A command that is to be sent now.
struct DueCommand {
  std::int64_t command_id = 0;
  std::int64_t device_id = 0;
  protocol::CommandKind kind = protocol::CommandKind::down;
  protocol::CommandState state = protocol::CommandState::queued;
  std::string service;
  protocol::TopicName topic = protocol::TopicName::downlink;
  int header_ctrl = 0;
  std::string payload;
  bool encrypt = false;
  std::int64_t message_id = 0;
  int tries = 0;                    ///< how often it was sent
  std::int64_t session_key_id = 0;  ///< of `key_update`: the key that it brings
  std::int64_t expires_at_ms = 0;
  int qos = 1;
};

/// What a command to be encrypted needs of its product and device (ENC-3).
struct Sealing {
  std::string product_key;
  std::string device_secret;
  std::optional<protocol::KeyReading> product_reading;
  std::int64_t online_since_ms = 0;  ///< when the device's present session began
};

/// An answer came for a command, whether or not it changes the state (late, duplicate).
struct CommandAnswer {
  std::int64_t command_id = 0;
  protocol::CommandKind kind = protocol::CommandKind::down;
  std::optional<protocol::CommandState> state;  ///< the new one
  std::string code;    ///< as the device said; empty: the flow's answer has none
  std::string result;  ///< JSON text: Data, or the report that answers; empty: none
  std::string reason;  ///< of `failed`
  std::int64_t at_ms = 0;
};

/// An upgrade after a message: committed with it, as far as nobody changed it since it was read.
struct UpgradeChange {
  std::int64_t device_id = 0;
  std::int64_t upgrade_id = 0;
  std::int64_t revision = 0;  ///< the one that was read
  protocol::Upgrade upgrade;
  /// When the time limit ends it; of one that has ended, nothing.
  std::optional<std::int64_t> deadline_at_ms;
};

struct FirmwareRow {
  std::int64_t device_id = 0;
  std::string module;
  std::string hard_ver;
  std::string soft_ver;
  int type = 2;
  std::int64_t reported_at_ms = 0;
};

/// KEY-2: a message opened with this key; the older ones of the device are dead.
struct KeyUse {
  std::int64_t device_id = 0;
  std::int64_t session_key_id = 0;
  protocol::KeyReading reading = protocol::KeyReading::text_product_key;
  std::int64_t used_at_ms = 0;
  bool first_of_update = false;  ///< Command 3 brought it, and this is its first use
};

/// The newest Command 3 for a key that is used for the first time, open or settled.
struct KeyUpdate {
  std::int64_t command_id = 0;
  protocol::CommandState state = protocol::CommandState::queued;
  std::int64_t used_at_ms = 0;
};

/// A key to be issued. `tell_until_ms` unset: told by an auth reply; else by Command 3, for so
/// long.
struct NewKey {
  std::int64_t device_id = 0;
  protocol::SessionKeySeed seed;
  std::int64_t issued_at_ms = 0;
  std::int64_t expires_at_ms = 0;
  std::optional<std::int64_t> tell_until_ms;
};

struct Presence {
  static constexpr std::string_view brought_along = "brought_along";
  static constexpr std::string_view short_of_places = "short_of_places";
  std::int64_t device_id = 0;
  bool online = false;
  std::string broker;
  std::string epoch;
  std::int64_t session = 0;
  std::string client_id;
  std::string address;
  std::optional<std::int64_t> activated_at_ms;
  std::optional<std::int64_t> online_at_ms;
  std::optional<std::int64_t> offline_at_ms;
  protocol::UsedTimestamps used;  ///< V2-3
  /// The topics of commands that the device has subscribed to in this session, as words between
  /// spaces: " downlink property_set service_call/switch "; and brought_along where it has
  /// subscriptions of an earlier session, or may have some that were never told: of which topics,
  /// only sending tells. short_of_places:
  /// at QoS 0 (link::Listening).
  std::string listens = " ";
  bool operator==(const Presence&) const = default;
};

/// What was refused, to whom, and why.
struct Refusal {
  std::string what;
  std::string broker;
  std::optional<std::string> product_id;
  std::optional<std::string> node_eui;
  std::string client_id;
  std::string username;
  std::string address;
  std::optional<std::string> topic;
  std::string requirement;
  std::string reason;
  std::optional<std::string> explanation;
};
struct RefusalRow {
  std::int64_t refused_at_ms = 0;
  Refusal refusal;
};

}  // namespace xgate::store
