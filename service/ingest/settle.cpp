// SPDX-License-Identifier: Apache-2.0
#include "service/ingest/settle.hpp"

#include <exception>
#include <utility>

namespace xgate::ingest {
namespace {

/// What a message makes the program throw is its own fault, like what the database finds in it:
/// else it would end the service at every start, for the broker sends it again.
pg::Result<Outbound> process(std::span<const Received> batch, const BatchSteps& steps) {
  try {
    return steps.process(batch);
  } catch (const std::exception& error) {
    return tl::unexpected(
        pg::Error{.sqlstate = "22000", .message = error.what(), .connection_gone = false});
  }
}

}  // namespace

Failure failure_of(const pg::Error& error) noexcept {
  if (error.connection_gone || error.is_transient()) {
    return Failure::away;
  }
  // 22: a value that cannot be; 23: a constraint; 54: beyond a limit. Everything else (a missing
  // table, a missing right, an internal error) is not the message's doing, and giving messages up
  // for it would lose them all.
  const std::string_view state = error.sqlstate;
  const bool message =
      state.starts_with("22") || state.starts_with("23") || state.starts_with("54");
  return message ? Failure::message : Failure::away;
}

Settled settle(std::span<const Received> batch, const BatchSteps& steps,
               const std::function<void(Outbound)>& emit) {
  if (batch.empty()) {
    return {};
  }
  auto outcome = process(batch, steps);
  if (!outcome && batch.size() == 1 && failure_of(outcome.error()) == Failure::message) {
    // What it was judged by may have changed under it (a device deleted): once more, freshly read.
    steps.prepare_again();
    outcome = process(batch, steps);
  }
  if (outcome) {
    emit(std::move(*outcome));
    return {batch.size(), std::nullopt};
  }
  if (failure_of(outcome.error()) == Failure::away) {
    return {0, outcome.error()};
  }
  if (batch.size() == 1) {
    emit(steps.give_up(batch.front(), outcome.error()));
    return {1, std::nullopt};
  }
  const std::size_t half = batch.size() / 2;
  Settled first = settle(batch.first(half), steps, emit);
  if (first.waiting) {
    return first;
  }
  Settled second = settle(batch.subspan(half), steps, emit);
  second.count += half;
  return second;
}

}  // namespace xgate::ingest
