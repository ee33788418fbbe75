// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "link/limits.hpp"
#include "mqtt/message.hpp"
#include "service/store/effects.hpp"

namespace xgate::ingest {

/// A message that came from the broker and is not acknowledged yet.
struct Received {
  mqtt::Publish message;
  mqtt::AckToken token;
  std::int64_t received_at_ms = 0;
  /// Of a HEX message, once the product's script has run; null before, and of all others.
  std::shared_ptr<const store::ScriptResult> script = nullptr;
  /// What its sender went beyond, as the broker's plugin stamped it: the message is to be refused.
  std::optional<link::Exceeded> exceeded = std::nullopt;
  /// How many came before it on this connection to the broker, and which that is.
  std::uint64_t connection = 0;
  std::uint64_t before = 0;
  /// The number under which the broker was consumed when it came (store/lease.hpp).
  std::int64_t fence = 0;
};

/// What leaves after a commit, in this order, on the connection the messages came on.
struct Outbound {
  std::vector<mqtt::Publish> publishes;
  std::vector<mqtt::AckToken> acks;

  void append(Outbound&& other) {
    std::move(other.publishes.begin(), other.publishes.end(), std::back_inserter(publishes));
    acks.insert(acks.end(), other.acks.begin(), other.acks.end());
  }
};
/// Hands it to the network thread. Callable from every thread.
using Outbox = std::function<void(Outbound)>;

/// Unix milliseconds.
using Clock = std::function<std::int64_t()>;

}  // namespace xgate::ingest
