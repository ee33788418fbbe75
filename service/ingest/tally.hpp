// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "service/observe/metrics.hpp"
#include "service/store/commands.hpp"

namespace xgate::ingest {

/// What a transaction will have done, to be counted once it is committed: one that is rolled back
/// has done nothing.
struct Tally {
  std::vector<store::CommandChange> commands;
  std::int64_t keys_issued = 0;

  void add(protocol::CommandKind kind, protocol::CommandState state, std::int64_t count) {
    if (count > 0) commands.push_back({kind, state, count});
  }
  void count(observe::Metrics& metrics) const;
};

}  // namespace xgate::ingest
