// SPDX-License-Identifier: Apache-2.0
#include "service/ingest/new_keys.hpp"

#include "service/store/session_keys.hpp"

namespace xgate::ingest {

pg::Result<void> store_new_keys(pg::Connection& connection, std::span<const store::NewKey> keys,
                                observe::Metrics& metrics) {
  using protocol::CommandKind;
  using protocol::CommandState;
  const auto issued = store::insert_session_keys(connection, keys);
  if (!issued) {
    return tl::unexpected(issued.error());
  }
  metrics.keys_issued.Increment(static_cast<double>(keys.size()));
  metrics.commands(CommandKind::key_update, CommandState::queued)
      .Increment(static_cast<double>(issued->updates_queued));
  metrics.commands(CommandKind::key_update, CommandState::cancelled)
      .Increment(static_cast<double>(issued->updates_cancelled));
  return {};
}

}  // namespace xgate::ingest
