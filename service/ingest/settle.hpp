// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>

#include "pg/connection.hpp"
#include "service/ingest/received.hpp"

namespace xgate::ingest {

/// What an error says about the batch that met it.
enum class Failure : std::uint8_t {
  away,     ///< nothing about the batch: keep it and try again later
  message,  ///< the database will not take something in it
  platform  ///< the program ran out of memory, or has a fault: nothing about the batch either
};
Failure failure_of(const pg::Error& error) noexcept;

/// The two ends a message can come to.
struct BatchSteps {
  /// Reads, decides, writes, commits. Everything or nothing.
  std::function<pg::Result<Outbound>(std::span<const Received>)> process;
  /// A message that the database refuses for what it is, alone and twice, or at which the platform
  /// fails each time: what becomes of it. An error: it could not be kept, and stays with the
  /// broker.
  std::function<pg::Result<Outbound>(const Received&, const pg::Error&)> give_up;
  /// Called before a lone message is tried the second time, for what may have been missing.
  std::function<void()> prepare_again;
  /// Before a lone message at which the platform failed is tried again, the first time with 0.
  /// False: there is no time for that.
  std::function<bool(int tries)> rest;
};

/// Brings a batch to its end: halves it where the database refuses something in it, so that one
/// poisonous message never fails another. In order; `emit` gets what each committed part sends.
inline constexpr int platform_tries = 6;
struct Settled {
  std::size_t count = 0;             ///< how many messages, from the front, are done with
  std::optional<pg::Error> waiting;  ///< why the rest is not
};
Settled settle(std::span<const Received> batch, const BatchSteps& steps,
               const std::function<void(Outbound)>& emit);

}  // namespace xgate::ingest
