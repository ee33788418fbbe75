// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "link/events.hpp"
#include "plugin/budget.hpp"

namespace xgate::plugin {

/// What a refusal keeps of each text of a client's.
constexpr std::size_t longest_text = 256;

/// What the service is to be told, gathered until the next TICK. The broker's start is an epoch.
class Outbox {
 public:
  Outbox(std::string broker_id, std::int64_t now_ms);

  void add(link::Event event) { events_.push_back(std::move(event)); }
  /// Tells and logs a refusal, if its budget allows; else it is only counted.
  void refuse_login(link::Refused refusal);
  void refuse(link::Refused refusal, TokenBucket& session);
  /// The number of the refused ones alone, where not even its text could be made.
  void count_refusal() noexcept { ++untold_; }

  /// Hands everything to the broker. What it would not take stays for the next time. The first
  /// batch is empty and leaves before the broker reads anything: in the service's queue, what the
  /// broker restored is before it, what is new behind it. So are those that follow when nothing is
  /// to be told: a full queue may have dropped the last that told something, which only the number
  /// of a later batch shows. They come ever more seldom, for a service that is away has to hear
  /// them all.
  void flush(std::int64_t now_ms);

  const std::string& epoch() const noexcept { return batch_.epoch; }

 private:
  void tell(link::Refused refusal);
  bool send(std::span<const link::Event> events);
  void tell_untold(std::int64_t now_ms);

  link::EventBatch batch_;  // its head: broker, epoch, sequence
  std::uint64_t batches_ = 0;
  std::vector<link::Event> events_;
  RefusalBudget budget_;
  std::uint64_t untold_ = 0;
  std::int64_t untold_told_ms_ = 0;
  std::int64_t silence_ms_ = 1000;  ///< after so much of it an empty batch is due,
  std::int64_t silent_at_ms_;       ///< since then
};

}  // namespace xgate::plugin
