// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "link/events.hpp"

namespace xgate::ingest {

/// What went missing on the way through one of the broker's queues for the service, by the sums
/// that its plugin tells with some of the messages: what it put in between two of them, less what
/// came. The broker itself drops without a word where the queue is full.
class DropWatch {
 public:
  /// Where a message stood among what came: how many before it, on which connection.
  struct Place {
    std::uint64_t connection = 0;
    std::uint64_t before = 0;
  };
  /// How many the broker dropped since what was heard before. `put`: how many the plugin had put in
  /// before it. In the order in which they came; of the first two of a connection nothing can be
  /// said.
  std::uint64_t hear(std::string_view epoch, std::uint64_t put, const Place& place);

 private:
  std::string epoch_;
  std::uint64_t connection_ = 0;
  std::uint64_t put_ = 0;
  std::uint64_t heard_ = 0;   ///< of this life and connection
  std::uint64_t first_ = 0;   ///< put in less come, at the first of them
  std::int64_t missing_ = 0;  ///< the same, beyond that, at most
};

/// The same by the batches of events, which tell of all other limits too.
class QueueWatch {
 public:
  struct News {
    std::uint64_t dropped = 0;     ///< by the broker, since the batch before
    link::LimitCounts exceeded{};  ///< likewise: by how much each has grown (LIMIT-n)
  };
  /// Of the first batch nothing can be said of what was exceeded.
  News hear(const link::EventBatch& batch, const DropWatch::Place& place);

 private:
  std::string epoch_;
  link::LimitCounts exceeded_{};
  DropWatch drops_;
};

/// The same for /readyz, told from any thread.
class QueueState {
 public:
  void add(const QueueWatch::News& news, std::int64_t now_ms);
  /// What an operator should know, in one sentence; empty where nothing was dropped or refused.
  std::string detail(std::int64_t now_ms) const;

 private:
  mutable std::mutex mutex_;
  std::uint64_t dropped_ = 0;
  std::uint64_t refused_ = 0;  ///< LIMIT-7
  std::int64_t last_ms_ = 0;
};

}  // namespace xgate::ingest
