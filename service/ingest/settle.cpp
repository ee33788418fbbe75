// SPDX-License-Identifier: Apache-2.0
#include "service/ingest/settle.hpp"

#include <exception>
#include <new>
#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

namespace xgate::ingest {
namespace {

/// Not one of PostgreSQL's.
constexpr std::string_view platform_failed = "XGATE";

pg::Error failure(std::string_view sqlstate, const char* why) {
  return {.sqlstate = std::string(sqlstate), .message = why, .connection_gone = false};
}

/// Whatever is thrown ends here, or it would end the service at every start, for the broker sends
/// the message again. Only what JSON says of a value is the message's own fault.
pg::Result<Outbound> guarded(const std::function<pg::Result<Outbound>()>& step) {
  try {
    return step();
  } catch (const nlohmann::json::exception& error) {
    return tl::unexpected(failure("22000", error.what()));
  } catch (const std::bad_alloc&) {
    return tl::unexpected(failure(platform_failed, "out of memory"));
  } catch (const std::exception& error) {
    return tl::unexpected(failure(platform_failed, error.what()));
  }
}

pg::Result<Outbound> process(std::span<const Received> batch, const BatchSteps& steps) {
  return guarded([&] { return steps.process(batch); });
}

/// Once more, for what its first failure may have hung on.
pg::Result<Outbound> process_again(std::span<const Received> lone, const BatchSteps& steps,
                                   pg::Result<Outbound> outcome) {
  if (!outcome && failure_of(outcome.error()) == Failure::message) {
    // What it was judged by may have changed under it (a device deleted): freshly read.
    steps.prepare_again();
    outcome = process(lone, steps);
  }
  for (int tries = 0; tries < platform_tries; ++tries) {
    if (outcome || failure_of(outcome.error()) != Failure::platform) {
      break;
    }
    if (!steps.rest(tries)) {
      return tl::unexpected(failure("", outcome.error().message.c_str()));  // not now: it waits
    }
    outcome = process(lone, steps);
  }
  return outcome;
}

}  // namespace

Failure failure_of(const pg::Error& error) noexcept {
  if (error.connection_gone || error.is_transient()) {
    return Failure::away;
  }
  if (error.sqlstate == platform_failed) {
    return Failure::platform;
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
  if (batch.size() == 1) {
    outcome = process_again(batch, steps, std::move(outcome));
  }
  if (outcome) {
    emit(std::move(*outcome));
    return {batch.size(), std::nullopt};
  }
  if (failure_of(outcome.error()) == Failure::away) {
    return {0, outcome.error()};
  }
  if (batch.size() == 1) {
    auto given_up = guarded([&] { return steps.give_up(batch.front(), outcome.error()); });
    if (!given_up) {
      return {0, given_up.error()};
    }
    emit(std::move(*given_up));
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
