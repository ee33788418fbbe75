// SPDX-License-Identifier: Apache-2.0
#include "service/ingest/queue_watch.hpp"

#include <algorithm>

namespace xgate::ingest {

QueueWatch::News QueueWatch::hear(const link::EventBatch& batch, const Place& place) {
  News news;
  const bool same_life = batch.epoch == epoch_;
  // A life's counts begin at 0; of one that we found under way we know only what is added.
  if (same_life || (!epoch_.empty() && !batch.epoch.empty())) {
    const link::LimitCounts before = same_life ? exceeded_ : link::LimitCounts{};
    for (std::size_t i = 0; i < before.size(); ++i) {
      news.exceeded[i] = batch.exceeded[i] - std::min(before[i], batch.exceeded[i]);
    }
  }
  exceeded_ = batch.exceeded;
  epoch_ = batch.epoch;
  if (!same_life || place.connection != place_.connection) {
    heard_ = 0;
    missing_ = 0;
  }
  // Batches that were told together carry the same sums: they are one.
  if (heard_ > 0 && batch.queued_messages == queued_) return news;
  // What the broker put in between its plugin's sum and the batch itself came before a batch that
  // does not count it, and seems to be missing at the next one that nothing precedes: what is
  // missing beyond all that has ever been was dropped.
  if (heard_ == 0) first_ = batch.queued_messages - place.before;
  const auto missing = static_cast<std::int64_t>(batch.queued_messages - place.before - first_);
  if (missing > missing_) {
    if (heard_ > 1) news.dropped = static_cast<std::uint64_t>(missing - missing_);
    missing_ = missing;
  }
  ++heard_;
  place_ = place;
  queued_ = batch.queued_messages;
  return news;
}

void QueueState::add(const QueueWatch::News& news, std::int64_t now_ms) {
  const auto refused = news.exceeded[static_cast<std::size_t>(link::Limit::queue)];
  if (news.dropped == 0 && refused == 0) return;
  const std::lock_guard lock(mutex_);
  dropped_ += news.dropped;
  refused_ += refused;
  last_ms_ = now_ms;
}

std::string QueueState::detail(std::int64_t now_ms) const {
  const std::lock_guard lock(mutex_);
  if (dropped_ == 0 && refused_ == 0) return {};
  return "the broker's queue for the service was full: " + std::to_string(refused_) +
         " messages were refused (LIMIT-7) and " + std::to_string(dropped_) +
         " dropped, the last " +
         std::to_string(std::max<std::int64_t>(now_ms - last_ms_, 0) / 1000) + " s ago";
}

}  // namespace xgate::ingest
