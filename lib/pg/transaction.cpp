// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "pg/connection.hpp"

namespace xgate::pg {

Transaction::Transaction(Connection& connection, bool nested) noexcept
    : connection_(&connection), nested_(nested) {}
Transaction::Transaction(Transaction&& other) noexcept
    : connection_(std::exchange(other.connection_, nullptr)), nested_(other.nested_) {}

Result<Transaction> Transaction::begin(Connection& connection) {
  if (connection.in_transaction()) {
    auto begun = connection.exec_script("SAVEPOINT nested");
    if (!begun) return tl::unexpected(std::move(begun).error());
    return Transaction(connection, true);
  }
  Transaction transaction(connection, false);  // rolls back what is left where the guard fails
  if (auto begun = connection.begin(); !begun) return tl::unexpected(std::move(begun).error());
  return transaction;
}

Transaction::~Transaction() {
  if (connection_ == nullptr || connection_->is_gone()) return;
  const char* const undo =
      nested_ ? "ROLLBACK TO SAVEPOINT nested; RELEASE SAVEPOINT nested" : "ROLLBACK";
  // A connection on which even ROLLBACK fails would carry this transaction into the next one's
  // work.
  if (!connection_->exec_script(undo)) connection_->cancel();
}

Result<void> Transaction::commit() {
  if (!nested_) return std::exchange(connection_, nullptr)->commit();
  auto released = connection_->exec_script("RELEASE SAVEPOINT nested");
  if (released) connection_ = nullptr;
  return released;
}

}  // namespace xgate::pg
