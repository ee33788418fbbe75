// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "pg/connection.hpp"

namespace xgate::pg {

Transaction::Transaction(Connection& connection) noexcept : connection_(&connection) {}
Transaction::Transaction(Transaction&& other) noexcept
    : connection_(std::exchange(other.connection_, nullptr)) {}

Result<Transaction> Transaction::begin(Connection& connection) {
  Transaction transaction(connection);  // rolls back what is left where the guard fails
  if (auto begun = connection.begin(); !begun) return tl::unexpected(std::move(begun).error());
  return transaction;
}

Transaction::~Transaction() {
  if (connection_ == nullptr || connection_->is_gone()) return;
  // A connection on which even ROLLBACK fails would carry this transaction into the next one's
  // work.
  if (!connection_->exec_script("ROLLBACK")) connection_->cancel();
}

Result<void> Transaction::commit() {
  auto& connection = *std::exchange(connection_, nullptr);
  return connection.commit();
}

}  // namespace xgate::pg
