// SPDX-License-Identifier: Apache-2.0
#include "service/ingest/tally.hpp"

namespace xgate::ingest {

void Tally::count(observe::Metrics& metrics) const {
  for (const store::CommandChange& change : commands) {
    metrics.commands(change.kind, change.state).Increment(static_cast<double>(change.count));
  }
  metrics.keys_issued.Increment(static_cast<double>(keys_issued));
}

}  // namespace xgate::ingest
