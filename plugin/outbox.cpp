// SPDX-License-Identifier: Apache-2.0
#include "plugin/outbox.hpp"

#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>

#include "link/topics.hpp"
#include "plugin/broker.hpp"
#include "protocol/aes.hpp"
#include "protocol/random.hpp"

namespace xgate::plugin {
namespace {

/// A refusal is at most some 2 KB: a batch stays far below the broker's packet limit.
constexpr std::size_t events_in_batch = 100;
constexpr std::int64_t untold_interval_ms = 1000;
constexpr std::int64_t interval_behind_ms = 1000;
constexpr std::size_t most_events_kept = 10'000;
constexpr std::int64_t first_silence_ms = 1000;

}  // namespace

Outbox::Outbox(std::string broker_id, std::int64_t now_ms) : silent_at_ms_(now_ms) {
  batch_.broker = std::move(broker_id);
  batch_.epoch = protocol::to_upper_hex(protocol::random_bytes<16>());
  batch_.epoch_started_ms = now_ms;
  batch_.reads_addresses = true;
  batch_.counts_queue = true;
}

void Outbox::refuse_login(link::Refused refusal) {
  if (!budget_.take_login(refusal.address, refusal.at_ms)) return count_refusal();
  tell(std::move(refusal));
}

bool Outbox::has_room(TokenBucket& session, std::int64_t now_ms) noexcept {
  const bool room = budget_.take_session(session, now_ms);
  if (!room) count_refusal();
  return room;
}

void Outbox::tell(link::Refused refusal) {
  printable::Line line = to_string(refusal.what);
  line += " refused, " + refusal.requirement + ": " + refusal.reason;
  line += " (client id " + field(refusal.client_id) + ", username " + field(refusal.username);
  line += ", address " + refusal.address;
  if (!refusal.topic.empty()) line += ", topic " + field(refusal.topic);
  line += ")";
  log(LogLevel::notice, line);
  add(std::move(refusal));
}

void Outbox::tell_untold(std::int64_t now_ms) {
  if (untold_ == 0 || now_ms - untold_told_ms_ < untold_interval_ms) return;
  add(link::RefusalsDropped{untold_});
  log(LogLevel::warning, std::to_string(untold_) + " more refusals were not told one by one");
  untold_ = 0;
  untold_told_ms_ = now_ms;
}

bool Outbox::send(std::span<const link::Event> events) {
  batch_.sequence = batches_ + 1;
  const bool sent = publish(link::events_topic, link::encode(batch_, events), 1, false);
  if (sent) {
    batches_ += 1;
    told_ = {batch_.queued_messages, batch_.queued_bytes, batch_.exceeded};
  }
  return sent;
}

/// Whether the sums that every batch carries have grown enough to be told by themselves.
bool Outbox::has_counted(std::int64_t now_ms, const Limits& limits) const noexcept {
  constexpr std::uint64_t messages_untold = 1000;
  constexpr std::uint64_t bytes_untold = std::uint64_t{8} << 20U;
  const auto sums = limits.queues.uplinks.sums();
  if (sums.messages - told_.messages >= messages_untold ||
      sums.bytes - told_.bytes >= bytes_untold) {
    return true;
  }
  return limits.counts != told_.exceeded && now_ms - exceeded_told_ms_ >= untold_interval_ms;
}

void Outbox::flush(std::int64_t now_ms, const Limits& limits, bool behind) {
  if (behind && events_.size() < most_events_kept && now_ms >= flushed_ms_ &&
      now_ms - flushed_ms_ < interval_behind_ms) {
    return;
  }
  flushed_ms_ = now_ms;
  const bool counted = std::exchange(is_left_, false) || has_counted(now_ms, limits);
  if (counted) exceeded_told_ms_ = now_ms;
  const auto sums = limits.queues.uplinks.sums();
  batch_.queued_messages = sums.messages;
  batch_.queued_bytes = sums.bytes;
  batch_.exceeded = limits.counts;
  if (batches_ == 0 && !send({})) return;
  tell_untold(now_ms);
  std::size_t sent = 0;
  while (sent < events_.size()) {
    const std::size_t count = std::min(events_in_batch, events_.size() - sent);
    if (!send(std::span(events_).subspan(sent, count))) break;
    sent += count;
  }
  events_.erase(events_.begin(), events_.begin() + static_cast<std::ptrdiff_t>(sent));
  if (sent > 0 || (counted && send({}))) {
    silence_ms_ = first_silence_ms;
    silent_at_ms_ = now_ms;
  } else if ((now_ms < silent_at_ms_ || now_ms - silent_at_ms_ >= silence_ms_) && send({})) {
    silence_ms_ *= 2;
    silent_at_ms_ = now_ms;
  }
}

}  // namespace xgate::plugin
