// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "link/events.hpp"
#include "plugin/budget.hpp"
#include "plugin/limits.hpp"

namespace xgate::plugin {

/// What a refusal keeps of each text of a client's.
constexpr std::size_t longest_text = 256;

/// What the service is to be told, gathered until the next TICK. The broker's start is an epoch.
class Outbox {
 public:
  Outbox(std::string broker_id, std::int64_t now_ms);

  void add(link::Event event) { events_.push_back(std::move(event)); }
  /// Tells and logs a refusal, if the address' budget allows; else it is only counted.
  void refuse_login(link::Refused refusal);
  /// Whether one of this session's may be told; where not, it is counted.
  bool has_room(TokenBucket& session, std::int64_t now_ms) noexcept;
  /// Tells and logs a refusal for which there was room.
  void tell(link::Refused refusal);
  /// The number of the refused ones alone, where not even its text could be made.
  void count_refusal() noexcept { ++untold_; }

  /// The service is gone: what was counted until now is what its next life starts from.
  void left() noexcept { is_left_ = true; }

  /// Hands everything to the broker. What it would not take stays for the next time. The first
  /// batch is empty and leaves before the broker reads anything: in the service's queue, what the
  /// broker restored is before it, what is new behind it. So are those that follow when nothing is
  /// to be told: a full queue may have dropped the last that told something, which only the number
  /// of a later batch shows. They come ever more seldom, for a service that is away has to hear
  /// them all.
  /// And often enough for the service's queue to be known: by each hundredth part of it.
  /// `behind`: the service takes less than comes, and is told once a second, many at once.
  void flush(std::int64_t now_ms, const Limits& limits, bool behind);

  const std::string& epoch() const noexcept { return batch_.epoch; }

 private:
  bool send(std::span<const link::Event> events);
  void tell_untold(std::int64_t now_ms);
  bool has_counted(std::int64_t now_ms, const Limits& limits) const noexcept;

  link::EventBatch batch_;  // its head: broker, epoch, sequence
  std::uint64_t batches_ = 0;
  std::vector<link::Event> events_;
  RefusalBudget budget_;
  std::uint64_t untold_ = 0;
  std::int64_t untold_told_ms_ = 0;
  struct Told {
    std::uint64_t messages = 0;
    std::uint64_t bytes = 0;
    link::LimitCounts exceeded{};
  };
  Told told_;  ///< by the last batch
  std::int64_t exceeded_told_ms_ = 0;
  std::int64_t silence_ms_ = 1000;  ///< after so much of it an empty batch is due,
  std::int64_t silent_at_ms_;       ///< since then
  std::int64_t flushed_ms_ = 0;
  bool is_left_ = false;
};

}  // namespace xgate::plugin
