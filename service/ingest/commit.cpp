// SPDX-License-Identifier: Apache-2.0
#include "service/ingest/commit.hpp"

#include <chrono>

namespace xgate::ingest {

pg::Result<void> commit_all(pg::Connection& connection, observe::Metrics& metrics,
                            std::initializer_list<std::function<pg::Result<void>()>> writes) {
  auto transaction = pg::Transaction::begin(connection);
  if (!transaction) {
    return tl::unexpected(transaction.error());
  }
  for (const auto& write : writes) {
    if (auto done = write(); !done) {
      return done;
    }
  }
  return commit(*transaction, metrics);
}

pg::Result<void> commit(pg::Transaction& transaction, observe::Metrics& metrics) {
  const auto began = std::chrono::steady_clock::now();
  auto done = transaction.commit();
  metrics.commit_seconds.Observe(
      std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count());
  return done;
}

}  // namespace xgate::ingest
