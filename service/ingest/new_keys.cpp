// SPDX-License-Identifier: Apache-2.0
#include "service/ingest/new_keys.hpp"

#include "service/store/session_keys.hpp"

namespace xgate::ingest {

pg::Result<void> store_new_keys(pg::Connection& connection, std::span<const store::NewKey> keys,
                                Tally& tally) {
  using protocol::CommandKind;
  using protocol::CommandState;
  const auto issued = store::insert_session_keys(connection, keys);
  if (!issued) {
    return tl::unexpected(issued.error());
  }
  tally.keys_issued += static_cast<std::int64_t>(keys.size());
  tally.add(CommandKind::key_update, CommandState::queued, issued->updates_queued);
  tally.add(CommandKind::key_update, CommandState::cancelled, issued->updates_cancelled);
  return {};
}

}  // namespace xgate::ingest
