// SPDX-License-Identifier: Apache-2.0
#include "plugin/limits.hpp"

#include <algorithm>

namespace xgate::plugin {
namespace {

using link::Exceeded;
using link::Limit;

constexpr double burst_seconds = 10;
constexpr double least_messages_at_once = 100;
/// max_packet_size of the shipped configuration.
constexpr double least_bytes_at_once = 307'200;
constexpr double login_burst = 10;
constexpr double auth_burst = 10;
/// Refused messages that are told to the device: a firmware engineer sees the first of a flood.
constexpr TokenBucket::Rate answers{10, 10};
/// A tenth of what is allowed may be too much for ever: a session ends by what is beyond that.
constexpr double patience_refill = 0.1;
constexpr double spared_up_to = 0.5;  ///< of the queue
constexpr double share_of_free = 4;
constexpr double product_spared_up_to = 0.25;  ///< of its share

std::uint64_t period_of(const LimitRules& rules) noexcept {
  constexpr std::int64_t periods = 16;
  const auto most = rules.queue_messages > 0 ? rules.queue_messages : usual_limits.queue_messages;
  return static_cast<std::uint64_t>(std::max<std::int64_t>(most / periods, 1));
}

constexpr TokenBucket::Rate auth_patience{10, patience_refill};

TokenBucket::Rate rate(std::int64_t per_second, double least_at_once) noexcept {
  const auto each = static_cast<double>(per_second);
  return {std::max(each * burst_seconds, least_at_once), each};
}

TokenBucket::Rate message_rate(const PublishRates& rates) noexcept {
  return rate(rates.messages, least_messages_at_once);
}

double usual_messages(const PublishRates& rates) noexcept {
  return static_cast<double>(rates.messages > 0 ? rates.messages
                                                : usual_limits.messages_per_second);
}

}  // namespace

PublishRates publish_rates(const LimitRules& rules, const directory::Product& product) noexcept {
  const auto or_default = [](std::int64_t own, std::int64_t general) {
    return own > 0 ? own : general;
  };
  return {or_default(product.messages_per_second, rules.messages_per_second),
          or_default(product.bytes_per_second, rules.bytes_per_second)};
}

Allowance::Then Allowance::refused(bool ends, std::int64_t now_ms) noexcept {
  if (ends) return Then::end;
  return answers_.take(answers, now_ms) ? Then::answer : Then::refuse;
}

Allowance::Excess Allowance::excess(const PublishRates& rates, Exceeded exceeded, double weight,
                                    std::int64_t now_ms) noexcept {
  const auto per_second = usual_messages(rates);
  const TokenBucket::Rate patience{std::max(per_second * burst_seconds, least_messages_at_once),
                                   per_second * patience_refill};
  return {exceeded, refused(!patience_.take(patience, now_ms, weight), now_ms)};
}

std::optional<Allowance::Excess> Allowance::publish(const PublishRates& rates, std::size_t bytes,
                                                    std::int64_t now_ms) noexcept {
  if (rates.messages > 0 && !messages_.take(message_rate(rates), now_ms)) {
    return excess(rates, {Limit::messages, rates.messages}, 1, now_ms);
  }
  const auto size = static_cast<double>(bytes);
  if (rates.bytes > 0 && !bytes_.take(rate(rates.bytes, least_bytes_at_once), now_ms, size)) {
    // As many messages as its bytes are worth.
    const auto share = size * usual_messages(rates) / static_cast<double>(rates.bytes);
    return excess(rates, {Limit::bytes, rates.bytes}, std::max(share, 1.0), now_ms);
  }
  return std::nullopt;
}

std::optional<Allowance::Excess> Allowance::act(const PublishRates& rates,
                                                std::int64_t now_ms) noexcept {
  if (rates.messages == 0 || messages_.take(message_rate(rates), now_ms)) return std::nullopt;
  auto found = excess(rates, {Limit::messages, rates.messages}, 1, now_ms);
  if (found.then == Then::answer) found.then = Then::refuse;
  return found;
}

bool Allowance::publish_sparingly(const PublishRates& rates, double part,
                                  std::int64_t now_ms) noexcept {
  const auto per_second = usual_messages(rates) * part;
  return sparing_.take({std::max(per_second, 1.0), per_second}, now_ms);
}

std::optional<Exceeded> Allowance::log_in(const LimitRules& rules, std::int64_t now_ms) noexcept {
  if (rules.logins_per_minute == 0) return std::nullopt;
  const auto per_second = static_cast<double>(rules.logins_per_minute) / 60;
  if (logins_.take({std::max(login_burst, per_second * burst_seconds), per_second}, now_ms)) {
    return std::nullopt;
  }
  return Exceeded{Limit::logins, rules.logins_per_minute};
}

std::optional<Allowance::Excess> Allowance::ask_auth(const LimitRules& rules,
                                                     std::int64_t now_ms) noexcept {
  if (rules.auth_requests_per_minute == 0) return std::nullopt;
  const auto per_second = static_cast<double>(rules.auth_requests_per_minute) / 60;
  if (auth_requests_.take({std::max(auth_burst, per_second * burst_seconds), per_second}, now_ms)) {
    return std::nullopt;
  }
  return Excess{{Limit::auth_requests, rules.auth_requests_per_minute},
                refused(!auth_patience_.take(auth_patience, now_ms), now_ms)};
}

// ---------------------------------------------------------------- who has gone
std::uint64_t Departed::identity(std::uint8_t kind,
                                 const directory::DeviceKey& key) const noexcept {
  protocol::SipHash hash(key_);
  hash << std::uint64_t{kind} << key.product_id() << key.node_eui();
  return std::max<std::uint64_t>(hash.value(), 1);
}

Departed::Place& Departed::place_of(std::uint64_t who) noexcept {
  Place* const set = &places_[who % sets * ways];
  Place* const own =
      std::find_if(set, set + ways, [&](const Place& place) { return place.identity == who; });
  if (own != set + ways) return *own;
  return *std::min_element(set, set + ways,
                           [](const Place& a, const Place& b) { return a.left_ms < b.left_ms; });
}

void Departed::leave(std::uint8_t kind, const directory::DeviceKey& key, const Allowance& allowance,
                     std::int64_t now_ms) noexcept {
  const auto who = identity(kind, key);
  place_of(who) = {who, now_ms, allowance};
}

Allowance Departed::take(std::uint8_t kind, const directory::DeviceKey& key) noexcept {
  const auto who = identity(kind, key);
  const Place& place = place_of(who);
  return place.identity == who ? place.allowance : Allowance();
}

// ---------------------------------------------------------------- the service's queue
void QueueShare::add(const link::QueueSums& sums, std::uint64_t period,
                     std::size_t bytes) noexcept {
  const auto number = sums.messages / period;
  auto& now = periods_[number % periods_.size()];
  if (now.number != number) now = {number, {}};
  ++now.put.messages;
  now.put.bytes += bytes;
}

link::QueueSums QueueShare::waiting(std::uint64_t taken, std::uint64_t period) const noexcept {
  link::QueueSums sums;
  for (const auto& [number, put] : periods_) {
    if ((number + 1) * period <= taken) continue;
    sums.messages += put.messages;
    sums.bytes += put.bytes;
  }
  return sums;
}

void ServiceQueue::came(std::uint64_t session) noexcept {
  session_ = session;
  came_at_ = messages_;
  silent_ = true;
}

void ServiceQueue::left(std::uint64_t session) noexcept {
  if (session != session_) return;  // another has taken over
  if (!told_) {
    taken_messages_ = messages_;
    taken_bytes_ = bytes_;
  }
  silent_ = false;
}

void ServiceQueue::taken(std::uint64_t messages, std::uint64_t bytes) noexcept {
  if (messages > messages_ || bytes > bytes_) return;  // of another life, or none of ours
  taken_messages_ = std::max(taken_messages_, messages);
  taken_bytes_ = std::max(taken_bytes_, bytes);
  silent_ = false;
  told_ = true;
}

double ServiceQueue::filled(const LimitRules& rules) const noexcept {
  // Who has let as many come as are kept, and said nothing, is an older one.
  if (silent_ &&
      (!told_ || static_cast<std::int64_t>(messages_ - came_at_) > rules.queue_messages)) {
    return 0;
  }
  const auto part_of = [](std::uint64_t waiting, std::int64_t most) {
    return most > 0 ? static_cast<double>(waiting) / static_cast<double>(most) : 0;
  };
  return std::min(1.0, std::max(part_of(messages_ - taken_messages_, rules.queue_messages),
                                part_of(bytes_ - taken_bytes_, rules.queue_bytes)));
}

void ServiceQueue::charge(QueueShare& share, const LimitRules& rules,
                          std::size_t bytes) const noexcept {
  if (messages_ > 0) share.add(sums(), period_of(rules), bytes);  // else nobody takes any
}

double ServiceQueue::part(const QueueShare& share, const LimitRules& rules) const noexcept {
  if (filled(rules) <= spared_up_to) return 1;
  const auto own = share.waiting(taken_messages_, period_of(rules));
  const auto part_of = [](std::uint64_t own, std::uint64_t waiting, std::int64_t most) {
    if (most == 0) return 0.0;
    const auto free = static_cast<double>(most) - static_cast<double>(waiting);
    return free > 0 ? static_cast<double>(own) / (free * share_of_free) : 1.0;
  };
  const auto filled_by_it =
      std::max(part_of(own.messages, messages_ - taken_messages_, rules.queue_messages),
               part_of(own.bytes, bytes_ - taken_bytes_, rules.queue_bytes));
  if (filled_by_it <= product_spared_up_to) return 1;
  const auto left = std::max(0.0, (1 - filled_by_it) / (1 - product_spared_up_to));
  return left * left;
}

std::optional<Exceeded> Limits::log_in_auth(const LimitRules& rules, std::string_view product_id,
                                            std::int64_t now_ms) {
  const auto most = rules.product_auth_logins_per_second;
  if (most == 0 || product(product_id).auth_logins.take(rate(most, 0), now_ms)) return std::nullopt;
  return Exceeded{Limit::logins, most, true};
}

}  // namespace xgate::plugin
