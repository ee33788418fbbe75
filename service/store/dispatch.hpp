// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pg/connection.hpp"
#include "protocol/identity.hpp"
#include "service/store/commands.hpp"
#include "service/store/rows.hpp"

// Commands as the dispatcher sees them: due, sent, over.
namespace xgate::store {

/// The due commands of devices that are online at `broker`, each device's in order, locked until
/// the transaction ends. What waits behind an earlier command that is not due yet is left out; what
/// is due for a device that is not there is put off to its next login.
struct DueBatch {
  struct To {
    protocol::Identity device;
    Sealing sealing;
    std::string session;  ///< "epoch/number"
  };
  std::vector<DueCommand> commands;
  std::map<std::int64_t, To> devices;  ///< by device_id
  /// Of those with something to encrypt, or with a new key to be told.
  std::map<std::int64_t, std::vector<SessionKeyRow>> keys;
  bool more = false;  ///< there may be more of them
};
struct DueLimits {
  int commands = 0;          ///< in this batch
  int key_update_tries = 0;  ///< of each: one that was sent so often is not sent again
};
pg::Result<DueBatch> take_due(pg::Connection& connection, const std::string& broker,
                              const DueLimits& limits, std::int64_t now_ms);

/// The row of the table of topics that a command's row names.
protocol::TopicName command_topic(std::string_view row_name) noexcept;

/// These leave after the commit, in the session given.
struct SentCommand {
  std::int64_t command_id = 0;
  std::string session;
  std::optional<std::int64_t>
      again_at_ms;                  ///< due then, in this session too; unset: not before the next
  std::int64_t session_key_id = 0;  ///< of a key_update: told by this
};
pg::Result<void> mark_sent(pg::Connection& connection, std::span<const SentCommand> sent,
                           std::int64_t now_ms);
/// The broker has these.
pg::Result<void> mark_taken(pg::Connection& connection, std::span<const std::int64_t> command_ids,
                            std::int64_t now_ms);
/// What stands as sent to devices of this broker and was not taken by it is due again: for a start,
/// when nothing of ours is under way.
pg::Result<void> send_untaken(pg::Connection& connection, const std::string& broker,
                              std::int64_t now_ms);
/// These cannot be sent in this session: not before the next.
pg::Result<void> put_off(pg::Connection& connection, std::span<const std::int64_t> command_ids);

/// Those whose time to live is over, up to 1000.
pg::Result<std::vector<CommandRef>> expire_commands(pg::Connection& connection,
                                                    std::int64_t now_ms);
/// Retention: deletes up to 5000 that were settled before; how many.
pg::Result<std::int64_t> delete_settled(pg::Connection& connection, std::int64_t before_ms);

}  // namespace xgate::store
