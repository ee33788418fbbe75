// SPDX-License-Identifier: Apache-2.0
#include "service/ingest/queue_watch.hpp"

#include <algorithm>

namespace xgate::ingest {

std::uint64_t DropWatch::hear(std::string_view epoch, std::uint64_t put, const Place& place) {
  if (epoch != epoch_ || place.connection != connection_) {
    epoch_ = epoch;
    connection_ = place.connection;
    heard_ = 0;
    missing_ = 0;
  }
  // Batches that were told together carry the same sums: they are one.
  if (heard_ > 0 && put == put_) return 0;
  put_ = put;
  // What the broker put in between its plugin's sum and the message itself came before one that
  // does not count it, and seems to be missing at the next one that nothing precedes: what is
  // missing beyond all that has ever been was dropped.
  if (heard_ == 0) first_ = put - place.before;
  const auto missing = static_cast<std::int64_t>(put - place.before - first_);
  const auto more = std::max<std::int64_t>(missing - missing_, 0);
  missing_ = std::max(missing, missing_);
  return heard_++ > 1 ? static_cast<std::uint64_t>(more) : 0;
}

QueueWatch::News QueueWatch::hear(const link::EventBatch& batch, const DropWatch::Place& place) {
  News news;
  // A life's counts begin at 0; of one that we found under way we know only what is added.
  const bool known = !epoch_.empty() && !batch.epoch.empty();
  if (batch.epoch != epoch_) exceeded_ = known ? link::LimitCounts{} : batch.exceeded;
  epoch_ = batch.epoch;
  for (std::size_t i = 0; i < exceeded_.size(); ++i) {
    // A batch that comes again tells less.
    const auto most = std::max(exceeded_[i], batch.exceeded[i]);
    news.exceeded[i] = most - exceeded_[i];
    exceeded_[i] = most;
  }
  news.dropped = drops_.hear(batch.epoch, batch.queued_messages, place);
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
