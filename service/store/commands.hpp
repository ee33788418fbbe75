// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "pg/connection.hpp"
#include "service/store/rows.hpp"

// Commands as the pipeline sees them: queued by flows, made due by events, settled by answers. Who
// locks devices, commands, session keys and readings does so in this order, each by its number.
namespace xgate::store {

/// How long the later commands of a new session wait for the topic of an earlier one to be
/// subscribed to.
inline constexpr std::int64_t listening_grace_ms = 1000;

/// Until the transaction ends: nobody else queues commands for these devices, issues keys for them
/// or tells of their sessions. To be called once in a transaction, before it locks anything else.
pg::Result<void> lock_devices(pg::Connection& connection, std::span<const std::int64_t> ids);

struct CommandRef {
  std::int64_t command_id = 0;
  protocol::CommandKind kind = protocol::CommandKind::down;
};
/// How many commands came into a state, to be counted once it is committed.
struct CommandChange {
  protocol::CommandKind kind = protocol::CommandKind::down;
  protocol::CommandState state = protocol::CommandState::queued;
  std::int64_t count = 1;
};

/// Queues them, in order. Locks the devices' rows, so that it comes first in its transaction. Those
/// whose idempotency key their device knows already, and those of deleted devices, are left out.
/// The others, in order.
pg::Result<std::vector<CommandRef>> insert_commands(pg::Connection& connection,
                                                    std::span<const NewCommand> commands);

/// What the messages of a batch may answer.
struct AnswerSearch {
  std::vector<std::pair<std::int64_t, std::int64_t>> numbered;  ///< device_id, MessageId
  /// Devices with a report that answers without a number of ours: their open commands that are
  /// answered so, and their calls.
  std::vector<std::int64_t> unnumbered;
};
pg::Result<void> read_answerable(pg::Connection& connection, const AnswerSearch& search,
                                 State& state);

/// Every answer is counted; the first that settles a command stays. What changed.
pg::Result<std::vector<CommandChange>> apply_answers(pg::Connection& connection,
                                                     std::span<const CommandAnswer> answers);
/// Open ones of these are due now.
pg::Result<void> send_again(pg::Connection& connection, std::span<const std::int64_t> command_ids,
                            std::int64_t now_ms);

/// A session began: every open command that was not sent in it is due where the device listens,
/// else when it does. After write_presence().
pg::Result<void> due_by_login(pg::Connection& connection, std::span<const std::int64_t> device_ids,
                              std::int64_t now_ms);
/// The device listens: open commands of these topics are due that were not sent in this session.
struct Heard {
  std::int64_t device_id = 0;
  std::string word;  ///< of Presence::listens
};
pg::Result<void> due_by_listening(pg::Connection& connection, std::span<const Heard> heard,
                                  std::int64_t now_ms);

/// Nobody got these in the session ("epoch/number") that they were sent in: they wait until it
/// listens, or for the next. Before due_by_login() and due_by_listening().
struct Unheard {
  std::int64_t command_id = 0;
  std::string session;
};
pg::Result<void> take_back_unheard(pg::Connection& connection, std::span<const Unheard> unheard);
/// Those that the device was sent in its present session and has not answered, newest first.
pg::Result<std::vector<DueCommand>> sent_in_session(pg::Connection& connection,
                                                    std::int64_t device_id);
/// It failed, where it is still open.
pg::Result<bool> fail_command(pg::Connection& connection, std::int64_t command_id,
                              const std::string& reason, std::int64_t at_ms);

/// CONF-1. Of several reports of one device the last counts.
pg::Result<void> upsert_configs(pg::Connection& connection, std::span<const ConfigRow> rows);

}  // namespace xgate::store
