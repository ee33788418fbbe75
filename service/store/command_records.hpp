// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pg/connection.hpp"
#include "protocol/command_waiting.hpp"
#include "protocol/identity.hpp"
#include "service/store/rows.hpp"

// Commands as applications queue, show and cancel them. Times are RFC 3339 UTC.
namespace xgate::store {

/// What decides how a device can be told something.
struct Recipient {
  std::int64_t device_id = 0;
  protocol::ProductKind kind = protocol::ProductKind::transparent;
  bool encrypted = false;
  bool table_names = false;  ///< TOPIC-4, TOPIC-8
  bool upper_hex = false;    ///< HEX-2
  std::string open_id;
  std::optional<protocol::WaitingFor> disabled;  ///< which of device, product and vendor is
};
pg::Result<std::optional<Recipient>> find_recipient(pg::Connection& connection,
                                                    const std::string& product_id,
                                                    const std::string& node_eui);

struct CommandRecord {
  std::int64_t command_id = 0;
  protocol::Identity device;
  protocol::CommandKind kind = protocol::CommandKind::down;
  std::optional<std::string> service;
  std::optional<std::string> request;  ///< JSON text
  bool encrypt = false;
  protocol::TopicName topic = protocol::TopicName::downlink;
  std::int64_t message_id = 0;
  int header_ctrl = 0;
  protocol::CommandState state = protocol::CommandState::queued;
  std::optional<std::string> code;
  std::optional<std::string> result;  ///< JSON text
  std::optional<std::string> reason;  ///< of an open one: what holds it up
  std::optional<protocol::WaitingFor>
      waiting_for;  ///< of an open one; of an expired one, what it waited for
  std::int64_t tries = 0;
  std::int64_t answers = 0;
  std::int64_t ttl_s = 0;
  std::string created_at;
  std::string expires_at;
  std::optional<std::string> sent_at;
  std::optional<std::string> received_at;
  std::optional<std::string> settled_at;
};

/// The most that may wait for one device.
inline constexpr int open_commands_most = 1000;
/// Queues it in a transaction of its own, unless its device knows the idempotency key already.
struct Queued {
  enum class Outcome : std::uint8_t { queued, repeated, full, device_gone };
  Outcome outcome = Outcome::queued;
  std::int64_t command_id = 0;
};
pg::Result<Queued> queue_command(pg::Connection& connection, const NewCommand& command);

pg::Result<std::optional<CommandRecord>> find_command(pg::Connection& connection,
                                                      std::int64_t command_id);
pg::Result<std::optional<CommandRecord>> find_command_by_key(pg::Connection& connection,
                                                             std::int64_t device_id,
                                                             const std::string& idempotency_key);

struct CommandPage {
  bool open = false;  ///< not the settled ones
  std::optional<protocol::CommandState> state;
  std::optional<std::int64_t> before;  ///< newest first, from before this number
  int limit = 100;
};
pg::Result<std::vector<CommandRecord>> list_commands(pg::Connection& connection,
                                                     std::int64_t device_id,
                                                     const CommandPage& page);
/// Those of all devices of a product that are not settled.
pg::Result<std::vector<CommandRecord>> list_open_commands(pg::Connection& connection,
                                                          const std::string& product_id,
                                                          const CommandPage& page);

/// False: it is settled, or does not exist. Of one that was sent the reason says that the device
/// may still do it.
pg::Result<bool> cancel_command(pg::Connection& connection, std::int64_t command_id,
                                std::int64_t now_ms);

/// CONF-1: the settings that the device reported last.
struct ConfigRecord {
  std::string settings;  ///< JSON text
  std::string reported_at;
};
pg::Result<std::optional<ConfigRecord>> find_config(pg::Connection& connection,
                                                    std::int64_t device_id);

}  // namespace xgate::store
